"""Task `presence`: one count for all processes, which gets over the loss of any of them."""

import asyncio

from channels_workshop.checking.accounts import Accounts, known_people
from channels_workshop.checking.agreement import Departure
from channels_workshop.checking.conversations import compare_with_reference


async def _newcomer_sees(process, some, room, user, people, tabs):
    """What others saw was not on its way to something else."""
    newcomer = await process.join(room, user, f"{user}, the newcomer")
    await newcomer.says_and_hears(some.text())
    newcomer.shows(people, tabs)
    return newcomer


async def test_one_count(one, other, some):
    room = some.room()
    ann = await one.join(room, "ann")
    await ann.says_and_hears(some.text())
    ann.shows(1, 1)
    await _newcomer_sees(other, some, room, "bob", 2, 2)
    await ann.comes_to_see(2, 2)
    again = await _newcomer_sees(other, some, room, "ann", 2, 3)
    await ann.comes_to_see(2, 3)
    await again.leave()
    await ann.comes_to_see(2, 2)


async def test_many_at_once(one, other, some):
    room = some.room()
    watching = await one.arrives(room, "eve")
    people = await asyncio.gather(
        *(process.join(room, user, f"{user} {n}") for n, process, user in _crowd(one, other))
    )
    await asyncio.gather(*(person.settle() for person in people))
    await _newcomer_sees(one, some, room, "eve", 3, 32)
    await watching.comes_to_see(3, 32)
    tabs = [count.tabs for count in watching.counts]
    if tabs != sorted(tabs):
        raise Departure(str(sorted(tabs)), str(tabs))


def _crowd(one, other):
    return [(n, [one, other][n % 2], ["ann", "bob"][n // 2 % 2]) for n in range(30)]


def test_like_the_reference(session, accounts, timeline, elsewhere):
    reference = session.reference()
    compare_with_reference(
        elsewhere,
        reference,
        session.seed,
        timeline,
        known_people(accounts),
        known_people(Accounts(reference.project)),
        goodbyes_are_told=True,
    )


async def test_living_stay(scene, some):
    process, ann, bob = await scene("idle")
    for person in (ann, bob):
        await person.says_and_hears(some.text())
        person.shows(2, 2)
        person.never_goes(down=True)
    await _newcomer_sees(process, some, "idle", "eve", 3, 3)


async def test_gone_stay_gone(scene, some):
    process, ann = await scene("left")
    await ann.says_and_hears(some.text())
    ann.never_goes(down=False)
    ann.shows(1, 1)
    await _newcomer_sees(process, some, "left", "eve", 2, 2)


async def test_right_after_an_outage(scene, long_outage, some):
    one, _other, ann, eve = await scene("cut off")
    long_outage.ends()
    for person in (ann, eve):
        await person.comes_to_see(2, 2)
    await _newcomer_sees(one, some, "cut off", "bob", 3, 3)


async def test_killed_process(scene, some):
    process, _killed, ann = await scene("lost")
    await ann.says_and_hears(some.text())
    ann.shows(1, 1)
    await _newcomer_sees(process, some, "lost", "bob", 2, 2)
