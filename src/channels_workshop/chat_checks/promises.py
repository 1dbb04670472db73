"""What a chat promises about talking: for each sentence a function that raises Mismatch if it is broken.

Each opens its own tabs with a `join`, and visits every class of input of its sentence. The ids are those
of lesson 03; the later lessons promise the same under the same ids.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from ..judging.mismatch import Mismatch, agreed, given
from ..judging.passing import LetPass
from ..judging.some import Some
from ..judging.texts import long
from .chat import Error, Garbled, Join, Message, Person, together
from .client_frames import (
    Sent,
    a_few_bad,
    bad_with,
    disputed,
    every_text,
    good,
    say,
    with_other_keys,
)
from .talk import Room, narrowed, send_all

#: A dozen, since that many have to find room (G4).
DOZEN = ["ann", "bob", "eve", "dan", "fay", "gus", "ida", "jim", "kim", "leo", "mia", "ned"]

#: Bytes of long messages: whoever makes a detour for such, begins somewhere.
LENGTHS = [300, 600, 1_100, 2_500, 5_000, 10_500, 34_000, 65_000]
#: Characters of a message, and how many of them are more than the buffers of a connection take in:
#: Linux' own limit for what one has sent is 4 MiB.
_FILLING, _FILL = 60_000, 76
#: So many messages are under way: the agreement says 500.
_MOST = 470
#: For how many seconds a slow tab reads nothing.
_FOR_SOME_SECONDS = 10
#: Seconds in which nobody says anything.
SILENCE = 60 * 60


async def reaches_everyone(join: Join, some: Some) -> None:
    """T1: each message reaches every tab of a dozen, that of its sender too, once."""
    room = Room(join, some)
    with agreed("G4"):  # there is room for them
        people = await room.enter(*DOZEN)
    again = say(some.text())
    await room.exchange({people[0]: [say(some.text())]})
    await room.exchange({person: [say(some.text()), say(some.text())] for person in people})
    await room.exchange({people[-1]: [again, again]})  # the same twice is two messages
    await room.perform({people[-1]: [again]})
    await room.exchange({people[1]: [again]})  # and so it is where two say it


async def reaches_its_sender(join: Join, some: Some) -> None:
    """T1: who is alone in a room hears itself, once."""
    room = Room(join, some)
    (ann,) = await room.enter("ann")
    again = say(some.text())
    await room.exchange({ann: [say(some.text()), again, again]})


async def stays_in_its_room(join: Join, some: Some) -> None:
    """T2: nobody outside hears it, not even a tab of the one who says it."""
    here, there = Room(join, some), Room(join, some)
    ann, _bob = await here.enter("ann", "bob")
    ann_too, eve = await there.enter("ann", "eve")
    await here.exchange({ann: [say(some.text()), say(some.text())]})
    await there.exchange({eve: [say(some.text())], ann_too: [say(some.text())]})
    # Once more, both at the same time.
    said = {ann: [say(some.text()) for _ in range(3)]}
    said_there = {person: [say(some.text()) for _ in range(3)] for person in (ann_too, eve)}
    await together(here.exchange(said), there.exchange(said_there))


async def keeps_the_order(join: Join, some: Some) -> None:
    """T4: what three say without a pause comes to all in the order of each, however long it is."""
    room = Room(join, some)
    people = await room.enter("ann", "bob", "eve")
    await room.exchange({person: [*_in_order(person.who, some)] for person in people})


def _in_order(who: str, some: Some) -> Iterator[Sent]:
    """Yield short messages, and behind each that is long, in one script or another, a short one."""
    for n in range(24):
        yield say(f"{who}, {n}: {some.text()}")
        if n % 3 == 2:
            filling = some.random.choice("xж🫖")
            yield say(long(LENGTHS[n // 3], some, filling, unit="bytes"))
    yield say(f"{who}, at last: {some.text()}")


async def bursts_arrive(join: Join, some: Some) -> None:
    """T5: eight people say thirty things each, without a pause; nothing is lost."""
    room = Room(join, some)
    people = await room.enter(*DOZEN[:8])
    said = {
        person: [say(f"{person.who}, {n}: {some.word()}") for n in range(30)] for person in people
    }
    await room.exchange(said)


async def slow_tab_misses_nothing(join: Join, some: Some, let_pass: LetPass | None = None) -> None:
    """T5: one tab reads nothing while more is said than a network holds; nothing of it is lost.

    With `let_pass`, some seconds pass before it reads on.
    """
    room = Room(join, some)
    ann, slow = await room.enter("ann", "a slow tab")
    # First what fills the network, then nearly as many as may be under way.
    filling = [say(long(_FILLING, some)) for _ in range(_FILL)]
    said = [*filling, *(say(f"{n}: {some.word()}") for n in range(_MOST - _FILL))]
    seconds_pass = partial(let_pass, _FOR_SOME_SECONDS) if let_pass else None
    await room.perform({ann: said}, held_up=[slow], meanwhile=seconds_pass)
    await room.exchange({slow: [say(some.text())], ann: [say(some.text())]})


async def passes_on(join: Join, some: Some, inputs: Sequence[Sent]) -> None:
    """Each of these good frames reaches its sender and somebody else, as it is to be."""

    async def scene() -> Room:
        room = Room(join, some)
        await room.enter("ann", "bob")
        return room

    async def perform(room: Room, sent: Sequence[Sent]) -> None:
        await room.exchange({room.people[0]: sent})

    await narrowed(scene, perform, inputs)


async def texts_are_unchanged(join: Join, some: Some) -> None:
    """T3: texts of every kind."""
    await passes_on(join, some, every_text(some))


async def good_frames_are_good(join: Join, some: Some) -> None:
    """F1: however a good frame is written, up to its 65,536 bytes."""
    await passes_on(join, some, good(some))


async def other_keys_are_ignored(join: Join, some: Some) -> None:
    """F2: whatever they are called, and hold."""
    await passes_on(join, some, with_other_keys(some))


async def comings_and_goings(join: Join, some: Some) -> None:
    """G4: whoever stays hears everything while others come, talk, close and drop out."""
    room = Room(join, some)
    ann, bob = await room.enter("ann", "bob")
    for name in ("eve", "dan", "fay", "gus"):
        guest, other = await room.enter(name, f"{name}, another tab")
        await room.perform({ann: [say(some.text())], guest: [say(some.text()), say(some.text())]})
        for text in (some.text(), some.text()):
            await room.say(ann, text)
        await room.say(guest, some.text())  # and is gone
        await room.leave(guest)
        await room.say(bob, some.text())
        await room.say(ann, some.text())
        room.drop(other)
        await room.say(ann, some.text())
        await room.say(bob, some.text())
        await room.hear()
    await room.exchange({ann: [say(some.text())], bob: [say(some.text())]})
    # The last one leaves, and comes back.
    await room.leave(bob)
    await room.exchange({ann: [say(some.text())]})
    await room.leave(ann)
    # Meanwhile others talk elsewhere: by then the room is empty, in all likelihood.
    elsewhere = Room(join, some)
    cid, dee = await elsewhere.enter("cid", "dee")
    await elsewhere.exchange({cid: [say(some.text())], dee: [say(some.text())]})
    again = Room(join, some, room.name)
    ann, bob = await again.enter("ann", "bob")
    await again.exchange({bob: [say(some.text())], ann: [say(some.text())]})


async def silent_tabs_stay(join: Join, let_pass: LetPass, some: Some) -> None:
    """G5: an hour in which nobody says anything; one of them has not said anything yet."""
    room = Room(join, some)
    ann, bob = await room.enter("ann", "bob")
    listener = await join(room.name, "listener")
    await let_pass(SILENCE)
    with given(f"{SILENCE} s"):
        await room.exchange({bob: [say(some.text())], ann: [say(some.text())]})
        text = some.text()
        await ann.say(text)
        for person in (ann, bob, listener):
            await person.until(text)


async def answers_bad_frames(join: Join, some: Some, code: str) -> None:
    """E1 to E7: each frame that `code` is for is answered with it; nobody has to hear a message."""

    async def scene() -> Person:
        return await join(some.name(), "ann")

    async def perform(ann: Person, sent: Sequence[Sent]) -> None:
        # The first once more: the connection lives on.
        frames = [*sent, sent[0]]
        await together(send_all(ann, frames), _is_answered(ann, frames))

    await narrowed(scene, perform, bad_with(code, some))


async def _is_answered(person: Person, frames: Sequence[Sent]) -> None:
    for sent in frames:
        with given(sent.frame):
            person.expects(sent.answer, await person.next(sent.answer))


async def errors_are_private(join: Join, some: Some) -> None:
    """E8: a bad frame is answered once, to its sender and nobody else."""
    room = some.name()
    ann, bob, eve = [await join(room, name) for name in ("ann", "bob", "eve")]
    wrong, binary = Sent("{", Error("not_json")), Sent(b"\0", Error("not_text"))
    # Once a frame of theirs is answered, they are in the room for certain.
    for person in (bob, eve):
        await send_all(person, [binary])
        await _is_answered(person, [binary])
    frames = [wrong, wrong, binary, wrong]
    await send_all(ann, frames)
    await _is_answered(ann, frames)
    # Had an error gone to the room, it would reach them before the answer to a frame of their own.
    for person in (bob, eve, ann):
        await send_all(person, [binary])
        await _is_answered(person, [binary])


async def stays_usable(join: Join, some: Some) -> None:
    """E9, G5: after many bad frames, a good one is still good and a bad one is answered."""

    async def scene() -> Room:
        room = Room(join, some)
        await room.enter("ann", "bob")
        return room

    async def perform(room: Room, sent: Sequence[Sent]) -> None:
        ann, bob = room.people
        await room.exchange({ann: [*sent, say(some.text()), sent[-1]], bob: [say(some.text())]})

    many = a_few_bad(some, 36)
    for begin in range(6, 42, 7):
        many.insert(begin, say(some.text()))
    many += a_few_bad(some, 150)  # with no good one between them
    await narrowed(scene, perform, many)


async def survives_disputed_frames(join: Join, some: Some) -> None:
    """E10: where JSON readers disagree, any answer is right, but nobody's connection ends."""

    async def scene() -> Room:
        room = Room(join, some)
        await room.enter("ann", "bob")
        return room

    async def perform(room: Room, sent: Sequence[Sent]) -> None:
        ann, bob = room.people
        texts = [f"still here {some.word()}" for _ in sent]

        async def talk() -> None:
            for one, text in zip(sent, texts, strict=True):
                await ann.send(one.frame)
                await ann.say(text)

        async def listen(person: Person, *, may_be_told: bool) -> None:
            for one, text in zip(sent, texts, strict=True):
                with given(one.frame):
                    await _hears_at_last(person, text, may_be_told)

        await together(talk(), listen(ann, may_be_told=True), listen(bob, may_be_told=False))

    await narrowed(scene, perform, [Sent(frame, Message("")) for frame in disputed(some)])


async def _hears_at_last(person: Person, text: str, may_be_told: bool) -> None:
    """Wait for a message; other messages may come before it, and errors to whom they are for."""
    expected = Message(text)
    while (frame := await person.next(expected)) != expected:
        if isinstance(frame, Garbled) or (isinstance(frame, Error) and not may_be_told):
            raise Mismatch(person.receives(expected), person.receives(frame))
