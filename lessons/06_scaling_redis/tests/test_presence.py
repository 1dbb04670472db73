"""Task `presence`: one count for all processes, which gets over the loss of any of them."""

import asyncio

from channels_workshop.chat_checks.accounts import Accounts, known_people
from channels_workshop.chat_checks.conversations import Side, compare_with_reference
from channels_workshop.judging.mismatch import Mismatch
from goodbyes import Goodbyes


async def _newcomer_sees(process, some, room, user, people, tabs):
    """What others saw was not on its way to something else."""
    newcomer = await process.join(room, user, f"{user}, the newcomer")
    await newcomer.says_and_hears(some.text())
    newcomer.shows(people, tabs)
    return newcomer


async def test_one_count(one, other, some):
    room = some.name()
    ann = await one.join(room, "ann")
    await ann.says_and_hears(some.text())
    ann.shows(1, 1)
    await _newcomer_sees(other, some, room, "bob", 2, 2)
    await ann.comes_to_see(2, 2)
    again = await _newcomer_sees(other, some, room, "ann", 2, 3)
    await ann.comes_to_see(2, 3)
    await again.leave()
    await ann.comes_to_see(2, 2)


async def test_many_at_once(one, other, some, lesson):
    room = some.name()
    watching = await one.arrives(room, "eve")
    people = await asyncio.gather(
        *(process.join(room, user, f"{user} {n}") for n, process, user in _crowd(one, other))
    )
    await asyncio.gather(*(person.settle() for person in people))
    await _newcomer_sees(one, some, room, "eve", 3, 32)
    await watching.comes_to_see(3, 32)
    for before, after in zip(watching.counts, watching.counts[1:], strict=False):
        if after.tabs < before.tabs:
            raise Mismatch(
                lesson.message("tabs_grow", who=watching.who),
                lesson.message("tabs_shrink", before=str(before), after=str(after)),
            )


def _crowd(one, other):
    return [(n, [one, other][n % 2], ["ann", "bob"][n // 2 % 2]) for n in range(30)]


def test_like_the_reference(servers, accounts, evidence, elsewhere):
    reference = servers.reference()
    compare_with_reference(
        _side(elsewhere, accounts),
        _side(reference, Accounts(reference.project)),
        servers.seed,
        evidence.timeline,
        servers.patience,
    )


def _side(server, accounts):
    return Side(server, known_people(accounts), Goodbyes().wait)


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
