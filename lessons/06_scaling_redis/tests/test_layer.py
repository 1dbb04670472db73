"""Task `layer`: all processes are one chat, and it gets over the loss of Redis."""

import asyncio

from channels_workshop.checking.processes import standing_still, talk_again

#: Messages, more than a mailbox holds by default.
MANY = 300


async def test_across_processes(one, other, some):
    room = some.room()
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
    room = some.room()
    ann = await one.arrives(room, "ann")
    people = [
        await other.arrives(name, user)
        for name, user in [(room, "bob"), (room.upper(), "eve"), (f"{room} ", "eve")]
    ]
    sentinels = [some.text() for _ in people]
    await ann.say(text := some.text())
    await people[0].heard(text)
    for stranger, sentinel in list(zip(people, sentinels, strict=True))[1:]:
        await stranger.say(sentinel)
        await stranger.hears(sentinel)


async def test_two_hundred_at_once(one, some):
    # Of five each, since everyone in a room is told who joins it.
    rooms = [some.room() for _ in range(40)]
    arrivals = [
        one.arrives(room, user, f"{user} {n}") for n, room in enumerate(rooms) for user in FIVE
    ]
    people = await asyncio.gather(*arrivals)
    for first, last in zip(people[::5], people[4::5], strict=True):
        await last.say(text := some.text())
        await first.heard(text)


FIVE = ["ann", "bob", "eve", "ann", "bob"]


async def test_no_gaps(unseen, busy, some):
    room = some.room()
    ann, bob = await unseen.arrives(room, "ann"), await busy.arrives(room, "bob")
    await ann.say(text := some.text())
    await bob.heard(text)
    texts = [some.text() for _ in range(MANY)]
    async with standing_still(busy):
        for text in texts:
            await ann.says_and_hears(text)
    for text in texts:
        await bob.hears(text)


async def test_sender_is_told(outage, some):
    room = some.room()
    ann = await outage.process("one").arrives(room, "ann")
    outage.begins()
    for _ in range(2):
        await ann.say(some.text())
        await ann.is_told("unavailable")
    await ann.send("{")
    await ann.is_told("not_json")


async def test_newcomer_is_told(outage, some):
    room = some.room()
    process = outage.process("one")
    ann = await process.arrives(room, "ann")
    outage.begins()
    await process.turns_away(room, "bob", "bob")
    await process.turns_away(some.room(), "eve", "eve")
    # Whoever is in stays in.
    await ann.send("{")
    await ann.is_told("not_json")


async def test_works_again(outage, some):
    room = some.room()
    one, other = outage.process("one"), outage.process("other")
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    outage.begins()
    await ann.say(some.text())
    outage.ends()
    await talk_again(ann, bob, some)
    await talk_again(bob, ann, some)
    eve = await one.arrives(room, "eve")
    await eve.say(text := some.text())
    for person in (ann, bob):
        await person.heard(text)


async def test_idle_connection(scene, some):
    _process, ann, bob = await scene("idle")
    await ann.say(text := some.text())
    for person in (ann, bob):
        await person.heard(text)
