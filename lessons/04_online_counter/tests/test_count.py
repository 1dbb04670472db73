"""Task `count`: everyone who comes in is counted once, and nobody else."""

import asyncio
import itertools
from functools import partial

from channels_workshop.chat_checks.chat import is_closed_with, room_path, together
from channels_workshop.chat_checks.counter import (
    fails_to_join,
    few_at_a_time,
    newcomer_sees,
)
from channels_workshop.chat_checks.rooms import allowed_names, other_paths, refused_names, twins
from channels_workshop.judging.mismatch import agreed, given
from channels_workshop.judging.origins import foreign, turns_away

SOME = 6


async def test_counts_whoever_joins(crowd, some):
    room = some.name()
    for number in (1, 2, 3):
        await newcomer_sees(crowd.join, some, room, f"person {number}", number)
    people = await crowd.at_once(7, room)
    # Whoever only listens may come in a moment later; whoever talks is in by then.
    await together(*(person.says_and_hears(some.text()) for person in people))
    for number in (11, 12, 13, 14):
        # Some of them talk, and some only listen.
        speaks = number % 2 == 1
        await newcomer_sees(crowd.join, some, room, f"person {number}", number, speaks=speaks)


async def test_rooms_are_apart(crowd, some):
    names = twins(some)
    some.random.shuffle(names)
    await few_at_a_time(_comes_in(crowd, some, room, 1) for room in names)
    await few_at_a_time(_comes_in(crowd, some, room, 2) for room in names[:SOME])
    with agreed("P7"):  # two ways to write one name are no two rooms
        room = f"{some.word()}+{some.word()}"
        paths = [room_path(room), room_path(room).replace("%2B", "+")]
        for number, path in enumerate(paths, 1):
            join = partial(crowd.join_by, path)
            with given(path):
                await newcomer_sees(join, some, room, f"person {number}", number)


async def _comes_in(crowd, some, room, number):
    with given(room):
        await newcomer_sees(crowd.join, some, room, f"person {number}", number)


async def test_refused_are_not_counted(crowd, visitor, some):
    room, people = some.name(), itertools.count(1)

    async def one_more():
        number = next(people)
        await newcomer_sees(crowd.join, some, room, f"person {number}", number)

    await one_more()
    await few_at_a_time(_is_refused(crowd, name) for name in refused_names(some))
    await one_more()
    with agreed("P8"):
        path = room_path(room)
        origins = foreign(visitor.server, some)
        await together(*(turns_away(visitor, path, origin) for origin in origins))
    await one_more()
    await few_at_a_time(_leads_nowhere(visitor, path) for path in other_paths(some))
    await one_more()


async def _is_refused(crowd, name):
    with given(name), agreed("R3"):
        refused = await crowd.join(name, "refused")
        await refused.is_refused("bad_room", 4400)
    with given(name), agreed("T7"):
        refused.has_seen()


async def _leads_nowhere(visitor, path):
    with given(path), agreed("P6"):
        await is_closed_with(await visitor.connect(path, who="elsewhere"), 4404)


async def test_failed_joins_are_not_counted(watched, watched_crowd, some):
    empty, room = some.name(), some.name()
    ann = await newcomer_sees(watched_crowd.join, some, room, "person 1", 1)
    for number in (2, 3):
        async with watched.failing("group_add"):
            await together(*(fails_to_join(watched_crowd, where) for where in (room, empty, room)))
        # Nor is anybody shown a count with them, for however short a while.
        await ann.says_and_hears(some.text())
        ann.has_seen(*((n, n) for n in range(number)))
        newcomer = await watched_crowd.join(room, f"person {number}")
        await newcomer.comes_to_see(number, number)
    await (await watched_crowd.join(empty, "first")).comes_to_see(1, 1)
    await _fails_while_others_come(watched, watched_crowd, some)


async def _fails_while_others_come(watched, crowd, some):
    """The layer takes its time before it fails: who comes meanwhile is shown no third."""
    room = some.name()
    await newcomer_sees(crowd.join, some, room, "person 1", 1)
    async with watched.stuck():
        joins = asyncio.create_task(fails_to_join(crowd, room))
        await watched.has_waiting()
        await newcomer_sees(crowd.join, some, room, "newcomer meanwhile", 2)
    await joins
    await newcomer_sees(crowd.join, some, room, "newcomer", 3)


async def test_hundred_at_once(watched, watched_crowd, long_patience, some):
    # In four rooms, since everyone in a room is shown each join.
    rooms = [some.name() for _ in range(4)]
    async with watched.slow():
        await together(*(watched_crowd.at_once(25, room) for room in rooms))
        for room in rooms:
            await (await watched_crowd.join(room, "the last")).comes_to_see(26, 26)


async def test_in_one_group(watched, watched_crowd, some):
    await watched.begin()
    here, there = some.name(), some.name()
    for room, sizes in ((here, [1]), (there, [1, 1]), (here, [2, 1]), (here, [3, 1])):
        await watched_crowd.join(room, "somebody")
        await watched.become(*sizes)
    names = some.random.sample(refused_names(some), SOME)
    await together(*(_is_refused(watched_crowd, name) for name in names))
    with agreed("G2"):
        await watched.become(3, 1)


async def test_every_room(crowd, some):
    await few_at_a_time(_comes_in(crowd, some, room, 1) for room in allowed_names(some))
