"""Task `count`: everyone who comes in is counted once, and nobody else."""

import asyncio

from channels_workshop.judging.origins import FOREIGN, turns_away


async def _newcomer_sees(crowd, some, room, who, number):
    """Somebody joins a room in which nothing else happens, and is shown `number` people."""
    newcomer = await crowd.join(room, who)
    await newcomer.says_and_hears(some.text())
    newcomer.shows(number, number)


async def test_counts_whoever_joins(crowd, some):
    room = some.name()
    for number, who in enumerate(["ann", "bob", "eve"], 1):
        await _newcomer_sees(crowd, some, room, who, number)


async def test_rooms_are_apart(crowd, some):
    here, there = some.name(), some.name()
    await _newcomer_sees(crowd, some, here, "ann", 1)
    await _newcomer_sees(crowd, some, there, "bob", 1)
    await _newcomer_sees(crowd, some, here, "eve", 2)


async def test_refused_are_not_counted(crowd, visitor, some):
    room = some.name()
    await _newcomer_sees(crowd, some, room, "ann", 1)
    refused = await crowd.join("   ", "bob")
    await refused.gets_error("bad_room")
    await refused.connection.closed_by_server("4400")
    await turns_away(visitor, f"/ws/chat/{room}/", FOREIGN[0])
    await _newcomer_sees(crowd, some, room, "eve", 2)


async def test_failed_joins_are_not_counted(breakable, some):
    room = some.name()
    # Not in the same room: the loss of Redis ends this connection too.
    await _newcomer_sees(breakable.crowd, some, some.name(), "ann", 1)
    breakable.lose_redis()
    for who in ("bob", "bob again", "bob once more"):
        await breakable.fails_to_join(room, who)
    breakable.regain_redis()
    await _newcomer_sees(breakable.crowd, some, room, "eve", 1)


async def test_hundred_at_once(shuffled_crowd, some):
    # In four rooms, since everyone in a room is shown each join.
    rooms = [some.name() for _ in range(4)]
    await asyncio.gather(*(shuffled_crowd.at_once(25, room) for room in rooms))
    for room in rooms:
        await _newcomer_sees(shuffled_crowd, some, room, "eve", 26)
