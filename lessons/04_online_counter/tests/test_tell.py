"""Task `tell`: everyone in the room is shown the count, and never an old one after a newer."""

from channels_workshop.chat_checks.chat import room_path, together
from channels_workshop.chat_checks.counter import Gathering, newcomer_sees
from channels_workshop.chat_checks.watched import LONGEST
from channels_workshop.judging.mismatch import agreed
from channels_workshop.judging.origins import foreign, turns_away

CROWD = 25


async def test_everyone_is_told(crowd, visitor, some):
    room, elsewhere = some.name(), some.name()
    stranger = await newcomer_sees(crowd.join, some, elsewhere, "stranger", 1)
    people = Gathering(room, crowd.join, some)
    for number in (1, 2, 3):
        await people.enters(f"person {number}")
        await people.all_know()
    await people.enter_at_once(*((f"person {n}", None, crowd.join) for n in range(4, 11)))
    for number in (11, 12, 13, 14):
        newcomer = await people.enters(f"person {number}")
        if number % 2:
            await people.all_know(newcomer)
        else:  # who only listens is shown it too
            await people.all_come_to_see()
    # Those who have listened so far, and nobody else, have their word to say as well.
    for listener in people.watchers[3::4]:
        await people.all_know(listener)
    # Who is turned away is in no count that anybody is shown, not for a moment either.
    with agreed("C3"):
        origins = foreign(visitor.server, some)
        await together(*(turns_away(visitor, room_path(room), origin) for origin in origins))
        await people.all_know()
    with agreed("T7"):
        await stranger.says_and_hears(some.text())
        stranger.has_seen((0, 0), (1, 1))  # it may be shown the room before it came in


async def test_newcomer_is_told(crowd, some):
    room = some.name()
    for number in (1, 2, 3):
        await newcomer_sees(crowd.join, some, room, f"person {number}", number)


async def test_never_stale(watched, watched_crowd, long_patience, some):
    room, text = some.name(), some.text()
    async with watched.slow():
        people = await watched_crowd.at_once(CROWD, room)
        for person in people:
            await person.comes_to_see(CROWD, CROWD)
    # Held for longer: on a busy machine, too, somebody has spoken by then who need not wait.
    async with watched.slow(LONGEST):
        last = await watched_crowd.join(room, "the last")
        await last.says_and_hears(text)
        for person in people:
            await person.heard(text)
            with agreed("C8"):
                person.shows(CROWD + 1, CROWD + 1)
            person.never_goes(down=True)
