"""Task `roster`: one count for all processes, right whoever comes and goes."""

import asyncio
from itertools import pairwise

from channels_workshop.chat_checks.accounts import NOTHING, bearer
from channels_workshop.chat_checks.chat import is_closed_with, room_path, together
from channels_workshop.chat_checks.counter import Gathering, few_at_a_time, newcomer_sees
from channels_workshop.chat_checks.rooms import allowed_names, of_each_kind, twins
from channels_workshop.judging.mismatch import Mismatch, agreed, given
from channels_workshop.judging.origins import FOREIGN, turns_away
from channels_workshop.judging.patience import Patience

DOZEN = 12
#: With what code a tab may close: 1000 is usual, 1001 a browser that goes to another page.
CODES = [1000, 1001, 3000, 4000, 4400]
CROWD = 25
#: How often Redis is asked, at most, until somebody has come in and is counted.
STEPS = 10
#: Seconds that whoever comes in meanwhile has, before the other one goes on.
LOCKED_OUT = 1
#: Seconds: a busy machine may take its time for so many at once.
LONG = 30


async def test_one_count(join, before, servers, some):
    room, elsewhere = some.name(), some.name()
    stranger = await newcomer_sees(join, some, elsewhere, "stranger", 1)
    people = Gathering(room, join, some)
    for number in range(1, DOZEN + 1):
        newcomer = await people.enters(f"person {number}")
        if number % 3:
            await people.all_know(newcomer)
        else:  # who only listens is shown it too
            await people.all_come_to_see()
    # Another process may be started at any time, and nobody is forgotten by that.
    latecomer = before(servers.alongside("late"))
    await people.all_know(await people.enters("latecomer", join=latecomer.join))
    await stranger.says_and_hears(some.text())
    with agreed("T7"):
        stranger.has_seen((0, 0), (1, 1))
    with agreed("C1"):
        await _rooms_are_apart(join, some)


async def _rooms_are_apart(join, some):
    """In each of many rooms is somebody, and in some of them somebody else, too."""
    rooms = [*dict.fromkeys(twins(some) + of_each_kind(allowed_names(some), some))]
    some.random.shuffle(rooms)
    await few_at_a_time(_comes_in(join, some, room, 1) for room in rooms)
    await few_at_a_time(_comes_in(join, some, room, 2) for room in rooms[:DOZEN])


async def _comes_in(join, some, room, number):
    with given(room):
        await newcomer_sees(join, some, room, f"person {number}", number)


async def test_tabs_of_one_person(join, some):
    people = Gathering(some.name(), join, some)
    for who in ("ann", "ann, another tab", "Ann", "bob", "ann, a third tab", "bob, another tab"):
        await people.enters(who, who.partition(",")[0])
        await people.all_know()
    # Of ann's tabs the first goes first, then the last of bob's, then the rest of hers.
    for number in (0, -1, 0, -1):
        await people.goes(people.watchers[number], people.watchers[number].leave)
        await people.all_know()


async def test_goodbyes(join, one, other, some):
    people = Gathering(some.name(), join, some)
    for number in range(1, 4 + len(CODES)):
        await people.enters(f"person {number}")
        await people.all_know()
    for code in CODES:
        leaver = some.random.choice(people.watchers[1:])
        with given(f"close {code}"):
            await people.goes(leaver, lambda tab=leaver, code=code: tab.connection.close(code))
            # What they were shown was not on its way to something else.
            await people.all_know()
    for _each in range(2):
        leaver = people.watchers[-1]
        await people.goes(leaver, leaver.drop)
        await people.all_know()
    await people.enters("newcomer")
    await people.all_know()
    # All go; whoever comes then is the first again, on whichever process.
    for leaver in [*people.watchers[1:], people.watchers[0]]:
        people.is_without(leaver)
        await leaver.leave()
        await people.all_come_to_see()
    for number in (1, 2):
        await people.enters(f"person {number}, again", f"person {number}")
        if number == 1:
            # Nobody was left to be shown that the last one had gone: it may be noticed by now only.
            await people.settle()
        await people.all_know()
    await _comes_back_to_a_process(one, other, some)


async def _comes_back_to_a_process(one, other, some):
    """Where nobody was for a while, though something went on: nothing is known there any more."""
    people = Gathering(some.name(), other.join, some)
    for turn in range(2):
        await people.enters(f"stays {turn}")
        guest = await people.enters(f"guest {turn}", join=one.join)
        await people.all_know()
        await people.goes(guest, guest.leave)
        for number in range(some.random.randint(2, 4)):
            await people.enters(f"comes {turn}-{number}")
            await people.all_know()
        back = await people.enters(f"guest {turn}", join=one.join)
        await people.all_know()
        await people.goes(back, back.leave)


async def test_refused_are_not_counted(join, everywhere, door, accounts, some):
    room, known = some.name(), bearer(accounts.token("ann"))
    people = Gathering(room, join, some)
    await people.enters("ann")
    for name in (" ", "ж" * 201, "a\nb"):
        with given(name):
            await (await join(name, "bob")).is_refused("bad_room", 4400)
    for origin in FOREIGN:
        await turns_away(everywhere, room_path(room), origin)
    elsewhere = await everywhere.connect(room_path(room)[:-1], headers=known)
    await is_closed_with(elsewhere, 4404)
    for _each in range(2):
        await door.refuses(room, NOTHING, some.text())
    await people.enters("bob")
    await people.all_know()


async def test_many_at_once(one, other, gated, gate, scene, some, lesson):
    room = some.name()
    watching = await one.arrives(room, "eve")
    people = await together(
        *(process.join(room, user, f"{user} {n}") for n, process, user in _crowd(one, other))
    )
    await together(*(person.settle() for person in people))
    for person in (watching, *people):
        await person.comes_to_see(3, 31)
    newcomer = await other.join(room, "dan")
    await newcomer.says_and_hears(some.text())
    newcomer.shows(4, 32)
    await watching.comes_to_see(4, 32)
    _has_only_grown(watching, lesson)
    # They go together, too: some close, some drop out.
    for person in people[::2]:
        person.drop()
    await together(*(person.leave() for person in people[1::2]))
    for person in (watching, newcomer):
        await person.comes_to_see(2, 2)
    await _between_the_steps(one, gated, gate, some.name(), lesson)
    await scene("moments")


def _crowd(one, other):
    return [(n, [one, other][n % 2], ["ann", "bob"][n // 2 % 2]) for n in range(30)]


def _has_only_grown(watching, lesson):
    for before, after in pairwise(watching.counts):
        if after.tabs < before.tabs:
            with agreed("C9"):
                raise Mismatch(
                    lesson.message("tabs_grow", who=watching.who),
                    lesson.message("tabs_shrink", before=str(before), after=str(after)),
                )


async def _between_the_steps(one, gated, gate, room, lesson):
    """While somebody comes in on one process, another one does so on the other, between two steps."""
    watching = await one.arrives(room, "eve")
    people = [await gated.arrives(room, "ann", "ann, at first")]  # which has opened connections
    for step in range(1, STEPS + 1):
        gate.close_before(step)
        coming = asyncio.ensure_future(gated.arrives(room, "ann", f"ann, held at step {step}"))
        closed = asyncio.ensure_future(gate.closed())
        await asyncio.wait({coming, closed}, return_when=asyncio.FIRST_COMPLETED)
        closed.cancel()
        meanwhile = asyncio.ensure_future(one.arrives(room, "bob", f"bob, tab {step}"))
        # Whoever locks the others out for that time is right, too.
        await asyncio.wait({meanwhile}, timeout=LOCKED_OUT)
        gate.open()
        people += await together(coming, meanwhile)
    await watching.comes_to_see(3, 1 + len(people))
    _has_only_grown(watching, lesson)
    await together(*(person.leave() for person in people))


async def test_hundred_at_once(everywhere, join, some):
    everywhere.patience = Patience(LONG)
    rooms = [some.name() for _ in range(4)]
    people = await together(
        *(join(room, f"person {n}") for room in rooms for n in range(1, CROWD + 1))
    )
    for person in people:
        await person.comes_to_see(CROWD, CROWD)
    for room in rooms:
        await newcomer_sees(join, some, room, "the last", CROWD + 1)
