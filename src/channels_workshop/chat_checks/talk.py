"""People who talk in a room, and what each of them has to receive by the rules of the agreement.

    room = Room(join, some)
    ann, bob = await room.enter("ann", "bob")
    await room.exchange({ann: [say("hello"), *a_few_bad(some, 3)], bob: [say("hi")]})

`exchange` sends it all without a pause and waits until everybody has received what they must, and
nothing else: in the order of each sender, in whatever order across senders (Z1). What has only been
said last tells that nothing else was on its way. A `join` opens a tab: the functions here do not care
how, so a lesson may let its people show who they are, or spread them over processes.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from ..judging.client import Closed, Silence
from ..judging.mismatch import Mismatch, agreed, given
from ..judging.some import Some
from ..judging.timeline import Timeline
from .chat import Error, Frame, Join, Message, Person, together
from .client_frames import Sent, say


class _HasStory(Protocol):
    @property
    def timeline(self) -> Timeline: ...


#: Seconds in which nobody hears anything more: less than the shortest patience.
_STALLED = 0.7

_Scene = TypeVar("_Scene", bound=_HasStory)


@dataclass(frozen=True)
class _Due:
    """A frame that has to come, and the input that brings it about."""

    frame: Frame
    input: str | bytes | None


def _passes_on(due: _Due, frame: Frame | None) -> bool:
    """Tell whether `frame` seems to be the message of a frame that is due an error."""
    if not (isinstance(due.frame, Error) and isinstance(frame, Message)):
        return False
    return isinstance(due.input, str) and str(frame.text) in due.input


@dataclass
class _Inbox:
    """What has to come to one person: from each sender in order, the answers to bad frames apart."""

    due: dict[object, deque[_Due]] = field(default_factory=dict)
    #: Messages that may come or not: they were under way while this person came in, or said in
    #: parting.
    may_come: Counter[str] = field(default_factory=Counter)
    #: All messages that were ever due.
    meant: set[Frame] = field(default_factory=set)

    @property
    def left(self) -> int:
        """How much is due still."""
        return sum(map(len, self.due.values()))

    def add(self, sender: object, frame: Frame, input: str | bytes | None) -> None:
        self.due.setdefault(sender, deque()).append(_Due(frame, input))
        self.meant.add(frame)

    def next_for(self, frame: Frame | None) -> _Due | None:
        """Return what should come next, something like `frame` if that is due at all."""
        heads = [queue[0] for queue in self.due.values() if queue]
        passed_on = [due for due in heads if _passes_on(due, frame)]
        alike = [due for due in heads if type(due.frame) is type(frame)]
        return next(iter([*passed_on, *alike, *heads]), None)

    def take(self, frame: Frame) -> bool:
        """Tell whether that may come now, and tick it off."""
        for queue in self.due.values():
            if queue and queue[0].frame == frame:
                queue.popleft()
                return True
        if isinstance(frame, Message) and self.may_come[str(frame.text)]:
            self.may_come[str(frame.text)] -= 1
            return True
        return False


class Room:
    """The people of one room, and what each of them has to receive."""

    def __init__(self, join: Join, some: Some, name: str | None = None) -> None:
        self.name = name or some.name()
        self.people: list[Person] = []
        self._join = join
        self._some = some
        self._inboxes: dict[Person, _Inbox] = {}
        self._settled: set[Person] = set()
        self._said: set[Frame] = set()

    async def enter(self, *names: str) -> list[Person]:
        """Return people who have come in together; each is known to be in the room by then."""
        people = await together(*(self._join(self.name, name) for name in names))
        under_way = self._under_way()
        for person in people:
            self.people.append(person)
            self._inboxes[person] = _Inbox(may_come=Counter(under_way))
        for person in people:
            await self.say(person, f"{person.who} is here {self._some.word()}")
        # A consumer handles one event after the other: who is heard again by itself is in.
        try:
            await self.hear()
        except Silence as silence:
            silence.sentence = "T1"
            raise
        self._settled.update(people)
        return people

    def _under_way(self) -> set[str]:
        """Return the messages that may come to somebody still."""
        inboxes = [self._inboxes[person] for person in self.people]
        due = {due.frame for inbox in inboxes for queue in inbox.due.values() for due in queue}
        texts = {str(frame.text) for frame in due if isinstance(frame, Message)}
        return texts.union(*(inbox.may_come for inbox in inboxes))

    async def say(self, speaker: Person, text: str) -> None:
        """Have somebody say it; `hear` then waits for it. It is never to blame for anything."""
        self._note(speaker, say(text), None)
        await speaker.say(text)

    def _note(self, sender: Person, sent: Sent, to_blame: str | bytes | None) -> None:
        if isinstance(sent.answer, Error):
            self._inboxes[sender].add("errors", sent.answer, to_blame)
            return
        self._said.add(sent.answer)
        for person in self.people:
            if person in self._settled or person is sender:
                self._inboxes[person].add(sender, sent.answer, to_blame)
            else:
                self._inboxes[person].may_come[str(sent.answer.text)] += 1

    async def hear(self) -> None:
        """Wait until all have received what they have to. Raises Mismatch for anything else."""
        await together(*(self._hear_out(person) for person in self.people))

    async def _hear_out(self, person: Person) -> None:
        inbox = self._inboxes[person]
        while first := inbox.next_for(None):
            with _to_blame(first.input):
                frame = await person.next(first.frame)
            if not inbox.take(frame):
                due = inbox.next_for(frame) or first
                with _to_blame(due.input), self._broken(inbox, frame):
                    person.expects(due.frame, frame)
                    raise AssertionError("it is due, and was not taken")

    def _broken(self, inbox: _Inbox, frame: Frame) -> AbstractContextManager[None]:
        """Name the sentence that is broken where a message comes once too often, or never was due."""
        if frame not in self._said:
            return nullcontext()
        is_due = any(frame == due.frame for queue in inbox.due.values() for due in queue)
        if frame not in inbox.meant:
            return agreed("T2")
        return nullcontext() if is_due else agreed("T1")

    async def exchange(self, speeches: Mapping[Person, Sequence[Sent]]) -> None:
        """Have people send all that at once, and wait until all is heard, and nothing else.

        Raises Mismatch.
        """
        await self.perform(speeches)
        for speaker in speeches:
            await self.say(speaker, f"that was all {self._some.word()}")
        await self.hear()

    async def perform(
        self,
        speeches: Mapping[Person, Sequence[Sent]],
        held_up: Collection[Person] = (),
        meanwhile: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Have people send all that at once, and wait until all is heard.

        Who is `held_up` reads nothing until the others have heard it, or hear nothing more: one
        thread for all tabs may well wait for the slowest. Before they read on, `meanwhile` is done.
        """
        for sender, frames in speeches.items():
            for sent in frames:
                self._note(sender, sent, sent.frame)
        sending = [send_all(sender, frames) for sender, frames in speeches.items()]
        for person in held_up:
            person.connection.hold()
        others = [person for person in self.people if person not in held_up]
        talking = asyncio.ensure_future(together(*sending, *map(self._hear_out, others)))
        try:
            if held_up:
                await self._until_it_stalls(talking, others)
            if meanwhile:
                await meanwhile()
            for person in held_up:
                person.connection.read_on()
            await together(talking, *map(self._hear_out, held_up))
        finally:
            talking.cancel()

    async def _until_it_stalls(self, talking: asyncio.Task[Any], others: Sequence[Person]) -> None:
        """Wait until what these people have to hear is heard, or none of them hears anything more."""
        left = -1
        while not talking.done() and left != sum(self._inboxes[one].left for one in others):
            left = sum(self._inboxes[one].left for one in others)
            await asyncio.wait({talking}, timeout=_STALLED)

    async def leave(self, person: Person) -> None:
        """Have somebody close the tab."""
        self._forget(person)
        await person.leave()

    def drop(self, person: Person) -> None:
        """Have somebody lose the network."""
        self._forget(person)
        person.drop()

    def _forget(self, person: Person) -> None:
        self.people.remove(person)
        self._settled.discard(person)
        # What was said in parting may still come, or not.
        for other in self.people:
            for due in self._inboxes[other].due.pop(person, ()):
                self._inboxes[other].may_come[str(due.frame.text)] += 1  # type: ignore[union-attr]

    @property
    def timeline(self) -> Timeline:
        """The story of the check."""
        return self.people[0].timeline


async def send_all(sender: Person, frames: Iterable[Sent]) -> None:
    """Send them without a pause, up to where the server closes: who listens says what is missing."""
    with suppress(Closed):
        for sent in frames:
            await sender.send(sent.frame)


def _to_blame(input: str | bytes | None) -> AbstractContextManager[None]:
    return nullcontext() if input is None else given(input)


async def narrowed(
    scene: Callable[[], Awaitable[_Scene]],
    perform: Callable[[_Scene, Sequence[Sent]], Awaitable[None]],
    inputs: Sequence[Sent],
) -> None:
    """Perform all inputs at once; where that goes wrong, one by one, to know which is to blame.

    Each time in a new `scene`. Raises Mismatch: that of the first input that goes wrong, else of all.
    """
    first = await scene()
    try:
        await perform(first, inputs)
    except Mismatch:
        timeline = first.timeline
        moments = [*timeline.moments]
        timeline.moments.clear()
        again = await scene()
        for one in inputs:
            with given(one.frame):
                await perform(again, [one])
        timeline.moments[:] = moments
        raise
