"""Task `layer`: all processes are one chat, and it gets over the loss of Redis."""

import asyncio

from channels_workshop.chat_checks.chat import Error
from channels_workshop.judging.mismatch import given
from many_processes import standing_still, talk_again

#: Messages, more than a mailbox holds by default.
MANY = 300


async def test_across_processes(one, other, some):
    room = some.name()
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    for speaker, listener in [(ann, bob), (bob, ann)]:
        texts = [some.text() for _ in range(5)]
        for text in texts:
            await speaker.say(text)
        for person in (speaker, listener):
            await person.heard(texts[0])
            for text in texts[1:]:
                await person.hears(text)


async def test_rooms_apart(one, other, some):
    room = some.name()
    names = [room.upper(), f"{room} "]
    ann = await one.arrives(room, "ann")
    bob = await other.arrives(room, "bob")
    strangers = [await other.arrives(name, "eve") for name in names]
    sentinels = [some.text() for _ in strangers]
    await ann.say(text := some.text())
    await bob.heard(text)
    for name, stranger, sentinel in zip(names, strangers, sentinels, strict=True):
        with given(name):
            await stranger.say(sentinel)
            await stranger.hears(sentinel)


async def test_two_hundred_at_once(one, some):
    # Of five each, since everyone in the room gets a new count with each join.
    rooms = [some.name() for _ in range(40)]
    arrivals = [
        one.arrives(room, user, f"{user} {n}") for n, room in enumerate(rooms) for user in FIVE
    ]
    people = await asyncio.gather(*arrivals)
    for first, last in zip(people[::5], people[4::5], strict=True):
        await last.say(text := some.text())
        await first.heard(text)


FIVE = ["ann", "bob", "eve", "ann", "bob"]


async def test_no_gaps(unseen, busy, some, lesson):
    room = some.name()
    ann, bob = await unseen.arrives(room, "ann"), await busy.arrives(room, "bob")
    await ann.say(text := some.text())
    await bob.heard(text)
    texts = [some.text() for _ in range(MANY)]
    async with standing_still(busy, lesson):
        for text in texts:
            await ann.says_and_hears(text)
    for text in texts:
        await bob.hears(text)


async def test_sender_is_told(outage, some):
    room = some.name()
    ann = await outage.process("one").arrives(room, "ann")
    outage.begins()
    for _ in range(2):
        await ann.say(some.text())
        await ann.gets_error("unavailable")
    await _is_still_connected(ann)


async def test_newcomer_is_told(outage, some):
    room = some.name()
    process = outage.process("one")
    ann = await process.arrives(room, "ann")
    outage.begins()
    await process.turns_away(room, "bob")
    await process.turns_away(some.name(), "eve")
    await _is_still_connected(ann)


async def _is_still_connected(person):
    """Raise Mismatch unless a frame is answered that takes no Redis to answer."""
    with given("{"):
        await person.send("{")
        await person.gets_error("not_json")


async def test_works_again(outage, some, lesson):
    room = some.name()
    one, other = outage.process("one"), outage.process("other")
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    outage.begins()
    await ann.say(some.text())
    await _handled_all(ann)
    outage.ends()
    await talk_again(ann, bob, some, lesson)
    await talk_again(bob, ann, some, lesson)
    eve = await one.arrives(room, "eve")
    await eve.say(text := some.text())
    for person in (ann, bob):
        await person.heard(text)


async def _handled_all(person):
    """Wait until what was sent before has been handled, whatever came of it."""
    await person.send("{")
    while await person.next(Error("not_json")) != Error("not_json"):
        pass


async def test_idle_connection(scene, some):
    _process, ann, bob = await scene("idle")
    await ann.say(text := some.text())
    for person in (ann, bob):
        await person.heard(text)
