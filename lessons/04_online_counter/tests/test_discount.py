"""Task `discount`: everyone who is gone is discounted once, however they went."""

import asyncio
from contextlib import suppress
from functools import partial

from channels_workshop.chat_checks.chat import together
from channels_workshop.chat_checks.counter import (
    Gathering,
    ends,
    fails_to_join,
    hang_up_in_the_handshake,
    is_answered,
    newcomer_sees,
)
from channels_workshop.chat_checks.watched import LONGEST
from channels_workshop.judging.client import Refused
from channels_workshop.judging.mismatch import Mismatch, agreed, given

CROWD = 25
TWENTY = 20
#: With what code a tab may close: 1000 is usual, 1001 a browser that goes to another page.
CODES = [1000, 1001, 3000, 4000, 4400]
#: Seconds for which an event is held: longer than somebody takes to come in.
HELD = 1.0
#: Seconds that somebody says nothing.
SILENCE = 60 * 60


async def _gather(join, some, number):
    """Return so many people who are in a room, and have all been shown so."""
    people = Gathering(some.name(), join, some)
    await people.enter_at_once(*((f"person {n}", None, join) for n in range(1, number + 1)))
    await people.all_know()
    return people


async def test_leaves_the_count(crowd, some):
    people = await _gather(crowd.join, some, 2 + len(CODES))
    for code in some.random.sample(CODES, len(CODES)):
        leaver = some.random.choice(people.watchers)
        with given(f"close {code}"):
            await people.goes(leaver, lambda tab=leaver, code=code: tab.connection.close(code))
            # What they were shown was not on its way to something else.
            await people.all_know()
    await people.enters("newcomer")
    await people.all_know()
    for leaver in people.watchers:
        await people.goes(leaver, leaver.leave)
    await _is_the_first_again(crowd.join, some, people.room)


async def test_drops_out_of_the_count(crowd, some):
    people = await _gather(crowd.join, some, 5)
    for _ in range(3):
        leaver = some.random.choice(people.watchers)
        await people.goes(leaver, leaver.drop)
        await people.all_know()
    await people.enters("newcomer")
    await people.all_know()
    for leaver in people.watchers:
        await people.goes(leaver, leaver.drop)
    await _is_the_first_again(crowd.join, some, people.room)


async def _is_the_first_again(join, some, room):
    """All have gone, and nobody was there to see it: whoever comes is alone before long."""
    first = await newcomer_sees(join, some, room, "first again", 1, speaks=False)
    await newcomer_sees(join, some, room, "second again", 2)
    await first.comes_to_see(2, 2)


async def test_silent_stay(watched, watched_crowd, some):
    people = await _gather(watched_crowd.join, some, 2)
    for number in (1, 2):
        await people.enters(f"listener {number}")
        await people.all_come_to_see()
    await watched.let_pass(SILENCE)
    with given(f"{SILENCE} s"):
        await people.enters("newcomer")
        await people.all_know()


async def test_leaves_its_group(watched, watched_crowd, lesson, some):
    await watched.begin()
    people = await _gather(watched_crowd.join, some, 2)
    others = await watched.addresses()
    for go in ("leave", "drop"):
        leaver = await people.enters(f"{go}s")
        await people.all_know()
        addresses = await _since(watched, lesson, others)
        await people.goes(leaver, getattr(leaver, go))
        await watched.are_out(addresses)
    for go in ("leave", "drop"):
        leaver = await people.enters(f"{go}s, and nobody can be told")
        await people.all_know()
        addresses = await _since(watched, lesson, others)
        async with watched.failing("group_send"):
            await _goes_untold(leaver, go)
            await watched.are_out(addresses)
        people.is_without(leaver)
    await people.enters("newcomer")
    await people.settle()
    others = await watched.addresses()
    # The last one too, who leaves nobody behind to be told.
    for leaver in people.watchers:
        await people.goes(leaver, leaver.leave)
    await watched.are_out(others)


async def _goes_untold(leaver, go):
    if go == "leave":
        await leaver.leave()
    else:
        leaver.drop()


async def _since(watched, lesson, others):
    """Return the channels that are in a group since `others` were: those of one more tab."""
    more = await watched.addresses() - others
    if not more:
        with agreed("G1"):
            raise Mismatch(lesson.message("in_a_group"), lesson.message("in_none"))
    return more


async def test_exception_is_discounted(watched, watched_crowd, lesson, some):
    await watched.begin()
    people = await _gather(watched_crowd.join, some, 2)
    others = await watched.addresses()
    unlucky = await people.enters("unlucky")
    await people.all_know()
    addresses = await _since(watched, lesson, others)
    for address in addresses:
        await watched.break_consumer(address)
    # Whoever survives the exception is in the room still, and goes as others do.
    await people.goes(unlucky, partial(ends, unlucky))
    with agreed("G3"):
        await watched.are_out(addresses)
    # So it is where the layer fails outside of every handler.
    unlucky = await people.enters("unlucky while it waits")
    await people.all_know()
    addresses = await _since(watched, lesson, others)
    for address in addresses:
        await watched.break_receive(address)
    await people.goes(unlucky, partial(ends, unlucky))
    with agreed("G3"):
        await watched.are_out(addresses)
    for calls in (["group_send"], ["group_send", "group_discard"]):
        # From here on somebody may be counted for a moment who could not stay.
        unlucky = await people.enters(f"unlucky without {' and '.join(calls)}")
        await people.settle()
        async with watched.failing(*calls):
            await unlucky.say(some.text())
            survives = await is_answered(unlucky)
            with suppress(Refused):
                await ends(await watched_crowd.join(people.room, "unlucky while it joins"))
        if not survives:
            people.is_without(unlucky)
        # Nobody could be told then. The next time all are, whoever survives among them.
        await people.enters(f"newcomer after {' and '.join(calls)}")
        with agreed("C6" if survives else "C5"):
            await people.settle()
        if survives:
            await people.goes(unlucky, unlucky.leave)


async def test_all_leave_at_once(watched, watched_crowd, long_patience, some):
    room = some.name()
    ann = await watched_crowd.join(room, "ann")
    await ann.settle()
    async with watched.slow():
        people = await watched_crowd.at_once(CROWD, room)
        for person in (ann, *people):
            await person.comes_to_see(CROWD + 1, CROWD + 1)
        ann.counts.clear()
        for person in people[::2]:
            person.drop()
        await together(*(person.leave() for person in people[1::2]))
        await ann.comes_to_see(1, 1)
        await newcomer_sees(watched_crowd.join, some, room, "newcomer", 2)
        await ann.comes_to_see(2, 2)
    del ann.counts[-1]
    ann.never_goes(down=False)


async def test_comes_as_another_goes(watched, watched_crowd, some):
    await _is_told_last_to_first(watched, watched_crowd, some)
    with agreed("C4"):
        await _fails_to_come(watched, watched_crowd, some)


async def _is_told_last_to_first(watched, crowd, some):
    """What is told first arrives last, and as many are here as before."""
    people = await _gather(crowd.join, some, 3)
    for comes_first in (True, False):
        leaver = people.watchers[0]
        async with watched.slow(LONGEST):
            if not comes_first:
                people.is_without(leaver)
                await leaver.leave()
                await watched.has_waiting()
            newcomer = await people.enters(f"newcomer, {comes_first=}")
            if comes_first:
                await watched.has_waiting()
                people.is_without(leaver)
                await leaver.leave()
            await is_answered(newcomer)  # whatever it had to tell is told by then
        # What the newcomer says has to wait for its count, and for nobody who takes long to go. Which of
        # the two is counted first is left open.
        await people.all_hear(newcomer)
        await people.settle()
        await people.all_know(newcomer)


async def _fails_to_come(watched, crowd, some):
    """Somebody will not come in, which takes its time: nobody is shown one too many meanwhile."""
    people = await _gather(crowd.join, some, 2)
    async with watched.stuck():
        joins = asyncio.create_task(fails_to_join(crowd, people.room))
        await watched.has_waiting()
        await people.enters("newcomer meanwhile")
        await people.all_come_to_see()
        await people.goes(people.watchers[0], people.watchers[0].leave)
    await joins
    await people.enters("newcomer")
    await people.all_know()


async def test_stands_traffic(watched, watched_crowd, long_patience, some):
    """Twenty close and twenty drop while one talks, and some are gone before they were in."""
    await watched.begin()
    room, texts = some.name(), [some.text() for _ in range(60)]
    talker, listener = [await watched_crowd.join(room, who) for who in ("talker", "listener")]
    for person in (talker, listener):
        await person.settle()
    await listener.says_and_hears(texts[0])
    await talker.heard(texts[0])
    people = await watched_crowd.at_once(2 * TWENTY, room)
    for person in (talker, listener):
        await person.comes_to_see(2 * TWENTY + 2, 2 * TWENTY + 2)
    goings = [_goes(watched_crowd, room, number, tab) for number, tab in enumerate(people)]
    await together(_talks(talker, texts[1:]), *goings)
    for person in (talker, listener):
        for text in texts[1:]:
            with agreed("G4"):
                await person.hears(text)
    for person in (talker, listener):
        await person.comes_to_see(2, 2)
    with agreed("G3"):
        await watched.become(2)
    newcomer = await watched_crowd.join(room, "newcomer")
    for person in (talker, listener, newcomer):
        await person.comes_to_see(3, 3)


async def _talks(person, texts):
    for text in texts:
        await person.say(text)
        await asyncio.sleep(0)  # so that others get their turn in between


async def _goes(crowd, room, number, tab):
    """Have a tab close or drop; now and then somebody is gone before it was in."""
    if number % 2:
        await tab.leave()
    else:
        tab.drop()
    if number % 4 == 0:
        await hang_up_in_the_handshake(crowd.server, room, answered=number % 8 == 0)


async def test_none_of_its_former_life(watched, watched_crowd, some):
    """Somebody comes into a room that was left just now, and the last event of its old life is late."""
    room = some.name()
    before = [
        await newcomer_sees(watched_crowd.join, some, room, f"before, {n}", n) for n in (1, 2)
    ]
    await before[0].leave()
    await before[1].comes_to_see(1, 1)
    async with watched.slow(HELD):
        await before[1].leave()
        for _round in range(2):  # whatever has to be told of it is under way then
            await watched.addresses()
        newcomer = await watched_crowd.join(room, "newcomer")
        await is_answered(newcomer)
    await newcomer.says_and_hears(some.text())
    newcomer.shows(1, 1)
    newcomer.never_goes(down=True)
