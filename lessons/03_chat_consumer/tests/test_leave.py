"""Task `leave`: who is gone is out of the group."""

from channels_workshop.chat_checks.chat import together
from channels_workshop.judging.mismatch import given

#: For so many tabs there is room, whoever else was there before.
DOZEN = 12
PEOPLE = ["ann", "bob", "eve", "dan"]
#: With what codes a page may close: when it is left, with some of its own, and as the server does.
CODES = [1001, 3000, 4999, 4400, 4404]


async def _all_in_a_room(observed_join, groups, lesson, some):
    room = some.name()
    people = [await observed_join(room, who) for who in PEOPLE]
    await observed_join(some.name(), "fay")  # stays where she is
    await groups.become(len(PEOPLE), 1, when=lesson.message("nobody_has_left"))
    return people


async def test_leaves_its_group(observed_join, groups, lesson, some):
    ann, bob, _eve, dan = await _all_in_a_room(observed_join, groups, lesson, some)
    await ann.leave()
    await groups.become(3, 1)
    await bob.leave()
    await dan.leave()
    await groups.become(1, 1)
    room = some.name()
    for code in CODES:
        with given(f"close({code})"):
            tab = await observed_join(room, "fay")
            await groups.become(1, 1, 1)
            await tab.connection.close(code)
            await groups.become(1, 1)


async def test_drops_out_of_its_group(observed_join, groups, lesson, some):
    ann, bob, eve, dan = await _all_in_a_room(observed_join, groups, lesson, some)
    ann.drop()
    await groups.become(3, 1)
    for person in (bob, eve, dan):
        person.drop()
    await groups.become(1)
    # Whoever was lost takes no place from those who come.
    room = some.name()
    for _dozen in range(2):
        people = await together(*(observed_join(room, f"tab {n}") for n in range(DOZEN)))
        await groups.become(DOZEN, 1)
        for person in people:
            person.drop()
        await groups.become(1)
