"""Task `refuse`: what the chat promised before is promised still, to those who are let in."""

import asyncio
import json

from channels_workshop.chat_checks import promises
from channels_workshop.chat_checks.accounts import (
    NAMES,
    NOTHING,
    Accounts,
    Shown,
    bearer,
    joining,
    known_people,
    name_of,
)
from channels_workshop.chat_checks.chat import (
    NamedPerson,
    is_closed_with,
    message_in,
    page_path,
    receives,
    together,
)
from channels_workshop.chat_checks.client_frames import CODES
from channels_workshop.chat_checks.conversations import Side, compare_with_reference
from channels_workshop.chat_checks.counter import Gathering, newcomer_sees
from channels_workshop.chat_checks.credentials import written
from channels_workshop.chat_checks.pages import (
    has_lobby,
    loads_all,
    read_page,
    says_what_is_allowed,
    shows_room,
)
from channels_workshop.chat_checks.rooms import allowed_names, other_paths, refused_names, twins
from channels_workshop.judging.client import Refused
from channels_workshop.judging.mismatch import Mismatch, agreed, expect, given
from channels_workshop.judging.origins import FOREIGN
from channels_workshop.language import message

#: Seconds that somebody is in the chat already.
LATER = 15 * 60
CROWD = 25
AT_ONCE = 16


async def test_pages_are_there(visitor, sessions, lesson, some):
    rooms = some.random.sample(allowed_names(some), 8)
    with agreed("P1"):
        await has_lobby(visitor)
    for room in rooms:
        with agreed("P2"):
            await shows_room(visitor, page_path(room), room)
    for room in some.random.sample(refused_names(some), 8):
        with agreed("P3"):
            await says_what_is_allowed(visitor, page_path(room), room)
    for begin in ("", '">', "-->"):
        for sentence, end, status in (("P2", "", 200), ("P3", "\n", 400)):
            word = some.word()
            room = f"{begin}<b class={word}>{end}"
            with given(room), agreed(sentence):
                made = int((await read_page(visitor, page_path(room), status)).has_class(word))
                expect(lesson.message("elements", count=0), lesson.message("elements", count=made))
    pages = [await read_page(visitor, path) for path in ("/", page_path(rooms[0]), "/login/")]
    with agreed("P4"):
        await loads_all(visitor, *pages)
    # For whoever is logged in, too.
    browser = visitor.another("sue")
    for path in ("/", page_path(rooms[0])):
        response = await browser.get(path, headers=list((await sessions.of("sue")).cookies))
        expect(f"GET {path}: HTTP 200", f"GET {path}: HTTP {response.status_code}")
    await browser.leave()


async def test_every_room(join, door, accounts, some):
    names = allowed_names(some) + twins(some)

    async def is_empty(room):
        with given(room):
            return await newcomer_sees(join, some, room, "somebody", 1)

    async def is_refused(room):
        with given(room), agreed("R3"):
            refused = await join(room, "somebody")
            await refused.is_refused("bad_room", 4400)
        refused.has_seen()

    async def leads_nowhere(path):
        headers = bearer(accounts.token("ann"))
        with given(path), agreed("P6"):
            tab = await door.visitor.connect(path, who="ann", headers=headers)
            await is_closed_with(tab, 4404)

    # The twins among them are in there together: each of them is alone all the same.
    tabs = []
    for begin in range(0, len(names), AT_ONCE):
        tabs += await together(*map(is_empty, names[begin : begin + AT_ONCE]))
    await door.each(some.random.sample(refused_names(some), 32), is_refused)
    await door.each(other_paths(some), leads_nowhere)
    # They go a few at a time: a roster in a database has to have been told before the next come in.
    for begin in range(0, len(tabs), AT_ONCE):
        await together(*(tab.leave() for tab in tabs[begin : begin + AT_ONCE]))
        await is_empty(some.name())


async def test_messages_arrive(join, some):
    for sentence, promise in {
        "T1": promises.reaches_everyone,
        "T2": promises.stays_in_its_room,
        "T3": promises.texts_are_unchanged,
        "T4": promises.keeps_the_order,
        "T5": promises.bursts_arrive,
        "F1": promises.good_frames_are_good,
        "F2": promises.other_keys_are_ignored,
    }.items():
        with agreed(sentence):
            await promise(join, some)


async def test_messages_bear_names(door, accounts, sessions, lesson, some):
    room = some.name()
    ticket = await door.ticket(room, name="bob")
    people = [
        ("ann", Shown("ann", bearer(accounts.token("ann")))),
        ("bob", Shown("bob, by a ticket", query=written("ticket={}", ticket))),
        ("sue", Shown("sue, logged in", (await sessions.of("sue")).cookies)),
        *((name, Shown(name, bearer(accounts.token(name)))) for name in NAMES[3:]),
    ]
    tabs = {name: await door.connect(room, shown) for name, shown in people}
    for name, tab in tabs.items():  # who has heard itself is in the room for certain
        (await name_of(tab, some.text())).must_be(name)
    for _round in range(2):
        for name, speaker in tabs.items():
            text = some.text()
            await speaker.send({"message": text, "user": "eve"})
            for listener in tabs.values():
                await _is_told(listener, {"message": text, "user": name})


async def _is_told(listener, content):
    """Wait for a message; what else comes before it is passed over."""

    def read(frame):
        found = message_in(frame)
        return found if found.get("message") == content["message"] else None

    expected = receives(listener.who, _as_text(content))
    found = await listener.receive_first(read, expected)
    if found != content:
        raise Mismatch(expected, receives(listener.who, _as_text(found)))


def _as_text(content):
    return json.dumps(content, ensure_ascii=False)


async def test_bad_frames_are_answered(join, some):
    for code, sentence in CODES.items():
        with agreed(sentence):
            await promises.answers_bad_frames(join, some, code)
    for sentence, promise in {
        "E8": promises.errors_are_private,
        "E9": promises.stays_usable,
        "E10": promises.survives_disputed_frames,
    }.items():
        with agreed(sentence):
            await promise(join, some)


async def test_people_come_and_go(join, some):
    await promises.comings_and_goings(join, some)


async def test_everyone_is_told(join, some):
    """Whoever comes, talks, listens, closes or drops out: all are shown it, and nobody else is."""
    elsewhere = await newcomer_sees(join, some, some.name(), "somebody elsewhere", 1)
    people = Gathering(some.name(), join, some)
    for number in range(1, 10):
        newcomer = await people.enters(f"person {number}")
        if number % 3:
            await people.all_know(newcomer)
        else:  # who only listens is shown it too
            await people.all_come_to_see()
    for number in range(5):
        leaver = some.random.choice(people.watchers)
        with agreed("C5"):
            await people.goes(leaver, leaver.drop if number % 2 else leaver.leave)
            # What they were shown was not on its way to something else.
            await people.all_know()
    await people.enters("a newcomer")
    await people.all_know()
    with agreed("T7"):
        await elsewhere.says_and_hears(some.text())
        elsewhere.has_seen((0, 0), (1, 1))  # it may be shown the room before it came in


async def test_counted_whatever_happens(watched, watched_door, some):
    """A join that fails, an exception on the way, a long silence; and crowds, where all is slow."""
    join = joining(watched_door)
    people = Gathering(some.name(), join, some)
    for number in (1, 2, 3):
        await people.enters(f"person {number}")
        await people.all_know()
        await watched.become(number)
    with agreed("C4"):
        async with watched.failing("group_add"):
            await _fails_to_join(join, people.room)
        await people.enters("person 4")
        await people.all_know()
    with agreed("C5"):
        unlucky = await people.enters("unlucky")
        await people.all_know()
        async with watched.failing("group_send", "group_discard"):
            unlucky.drop()
            await unlucky.connection.end()
        people.is_without(unlucky)
        await people.enters("person 5")
        await people.all_come_to_see()
    with agreed("C6"):
        await watched.let_pass(LATER)
        await people.all_know()
    with agreed("G3"):
        untold = await people.enters("somebody of whom nobody can be told")
        await people.all_come_to_see()
        stay = len(await watched.addresses())
        async with watched.failing("group_send"):
            await untold.leave()
            await watched.become(stay - 1)
        people.is_without(untold)
        await people.enters("person 6")
        await people.all_come_to_see()
        for leaver in people.watchers[:2]:
            await people.goes(leaver, leaver.leave)
        await watched.become(len(people.watchers))
        # The last one too, who leaves nobody behind to be told.
        for leaver in people.watchers:
            await people.goes(leaver, leaver.leave)
        await watched.become()


async def _fails_to_join(join, room):
    """Try to join while the layer takes nobody in. Whether that is accepted first is free."""
    try:
        tab = await join(room, "unlucky")
    except Refused:
        return
    await tab.connection.closed_by_server(message("a tab that could not join is closed"))


async def test_crowds_are_counted(watched, watched_door, some):
    join, rooms = joining(watched_door), [some.name() for _ in range(2)]
    async with watched.slow():
        crowds = await asyncio.gather(*(_at_once(join, room) for room in rooms))
        for crowd in crowds:
            for person in crowd:
                await person.comes_to_see(CROWD, CROWD)
                person.never_goes(down=True)
        first, *others = crowds[0]
        first.counts.clear()
        for person in others[::2]:
            person.drop()
        await asyncio.gather(*(person.leave() for person in others[1::2]))
        await first.comes_to_see(1, 1)
        first.never_goes(down=False)
        await newcomer_sees(join, some, rooms[0], "a newcomer", 2)


async def _at_once(join, room):
    """Return so many people who have come in at the same time, half of whom have said something."""
    people = await asyncio.gather(*(join(room, f"person {n + 1}") for n in range(CROWD)))
    await asyncio.gather(*(person.settle() for person in people[::2]))
    return people


async def test_refused_are_not_counted(door, join, accounts, some):
    people = Gathering(some.name(), join, some)
    await people.enters("person 1")
    for shown in [
        NOTHING,
        Shown("an unknown token", bearer("x" * 43)),
        Shown("x", query="ticket=x"),
    ]:
        await door.refuses(people.room, shown, some.text())
        await people.all_know()
    shown = Shown("ann, from elsewhere", bearer(accounts.token("ann")))
    await door.turns_away(people.room, shown, FOREIGN[0])
    for room in some.random.sample(refused_names(some), 4):
        await (await join(room, "somebody")).is_refused("bad_room", 4400)
    await people.enters("person 2")
    await people.all_know()


async def test_groups_are_rooms(watched, watched_door, some):
    join = joining(watched_door)
    here, there = some.name(), some.name()
    for room, who, sizes in (
        (here, "ann", [1]),
        (there, "ann", [1, 1]),
        (here, "bob", [2, 1]),
        (here, "eve", [3, 1]),
    ):
        await join(room, who)
        await watched.become(*sizes)
    with agreed("G2"):
        for room in some.random.sample(refused_names(some), 3):
            await (await join(room, "ann")).is_refused("bad_room", 4400)
        for shown in (NOTHING, Shown("an unknown token", bearer("x" * 43))):
            await watched_door.refuses(here, shown, some.text())
        await watched.become(3, 1)


async def test_stays_in(watched, watched_door, sessions, some):
    room, accounts = some.name(), watched_door.accounts
    ticket = await watched_door.ticket(room, name="bob")
    token = accounts.token("ann, for ten years")
    sue = await sessions.at(watched_door.visitor.server, "sue")
    people = [
        ("ann", Shown("ann, by a token", bearer(token))),
        ("bob", Shown("bob, by a ticket", query=written("ticket={}", ticket))),
        ("sue", Shown("sue, logged in", sue.cookies)),
    ]
    tabs = [(name, await watched_door.connect(room, shown)) for name, shown in people]
    for turn in range(2):
        with given(f"{turn * LATER} s"):
            for name, tab in tabs:
                (await name_of(tab, some.text())).must_be(name)
        for shown in (NOTHING, Shown("an unknown token", bearer("x" * 43))):
            await watched_door.refuses(room, shown, some.text())
        await watched.let_pass(LATER)
    with given(f"{2 * LATER} s"):
        for name, tab in tabs:
            (await name_of(tab, some.text())).must_be(name)


def test_like_the_reference(servers, accounts, evidence):
    reference = servers.reference()
    compare_with_reference(
        Side(servers.plain(), known_people(accounts), person=NamedPerson),
        Side(
            reference,
            known_people(Accounts(servers.trusted, reference.project)),
            person=NamedPerson,
        ),
        servers.seed,
        evidence.timeline,
        servers.patience,
    )
