"""Task `spend`: a ticket lets one person into one room, once, and not for long."""

import asyncio
import json

from channels_workshop.chat_checks.accounts import (
    BAD,
    EXPIRED,
    NOTHING,
    Shown,
    bearer,
    creating,
    deleting,
    expect_error,
    making_inactive,
    one_frame,
    revoking,
    with_csrf_token,
)
from channels_workshop.chat_checks.credentials import nothing_else, spoilt, written
from channels_workshop.chat_checks.past_tickets import past_tickets
from channels_workshop.chat_checks.rooms import is_allowed
from channels_workshop.judging.mismatch import agreed, expect, given

TOGETHER = 8


def _ticket(ticket, what="a ticket", headers=()):
    return Shown(what, headers, written("ticket={}", ticket))


async def test_ticket_is_spent_once(door, probed_door, sessions, some):
    room = some.name()
    # Somebody may have several. Each of them is good, in any order, and each once.
    tickets = [await door.ticket(room) for _ in range(3)]
    for ticket in reversed(tickets):
        with agreed("K1"):
            await door.lets_in("ann", room, _ticket(ticket, "one of three tickets"), some.text())
        with agreed("K7"):
            await door.refuses(room, _ticket(ticket, "the same ticket again"), some.text())
    for ticket in tickets:
        await door.refuses(room, _ticket(ticket, "the same ticket, later"), some.text())
    # Nor for whoever would come in without it, too.
    sue = await sessions.of("sue")
    ticket = await door.ticket(room, [*sue.cookies, *sue.csrf])
    await door.lets_in("sue", room, _ticket(ticket, "a ticket of sue"), some.text())
    with agreed("W4"):
        shown = _ticket(ticket, "the same ticket, with the session of sue", sue.cookies)
        await door.refuses(room, shown, some.text())
    # Nor is it good for a process that has not seen it, such as the one after a restart.
    shown = _ticket(tickets[0], "the same ticket, in another process")
    await probed_door.refuses(room, shown, some.text())
    # Nor is it good as long as whoever came by it is still there.
    ticket = await door.ticket(room)
    tab = await door.connect(room, _ticket(ticket))
    await door.refuses(room, _ticket(ticket, "the same ticket meanwhile"), some.text())
    await tab.close()
    await door.lets_in("ann", room, _ticket(await door.ticket(room), "a new one"), some.text())


async def test_ticket_is_spent_once_at_once(probed_door, lesson, some):
    for _round in range(2):
        room = some.name()
        ticket = await probed_door.ticket(room)
        # They are held at the gate until all have come.
        together = [("X-Together", str(TOGETHER))]
        shown = [_ticket(ticket, f"person {n + 1}", together) for n in range(TOGETHER)]
        answers = await asyncio.gather(
            *(probed_door.knock(room, each, some.text()) for each in shown)
        )
        let_in = [answer for answer in answers if answer.code is None and answer.name == "ann"]
        refused = [answer for answer in answers if answer.is_refusal]

        def came(let_in, refused):
            return lesson.message("one_ticket", people=TOGETHER, let_in=let_in, refused=refused)

        expect(came(1, TOGETHER - 1), came(len(let_in), len(refused)))


async def test_ticket_for_its_room(door, some):
    name = some.name()
    pairs = [
        (name, some.name()),
        (name, name.upper()),
        (name, name[:-1]),
        (f"{name} x", f"{name}-x"),
        (f"{name} x", f"{name}+x"),
        (f"{name} x", f"{name}%20x"),
        (f" {name}", name),
        (f"{name} ", name),
        (f"{name}\N{NO-BREAK SPACE}", name),
        (f"{name} ", f"{name}\N{IDEOGRAPHIC SPACE}"),
        (f"{name}é", f"{name}e\u0301"),
        (f"{name}é", f"{name}e"),
        (f"чай {name}", f"Чай {name}"),
        (f"{name}ß", f"{name}ss"),
        (f"{'x' * 180}{name}", f"{'x' * 180}{name[:-1]}"),
    ]

    async def are_two(pair):
        room, other = some.random.sample(pair, 2)
        one, another = [await door.ticket(room) for _ in range(2)]
        shown = _ticket(one, f"a ticket for {json.dumps(room, ensure_ascii=False)}")
        await door.refuses(other, shown, some.text())
        # Whether that one is still good is left open. The other is, which was not shown yet.
        await door.lets_in("ann", room, _ticket(another, "a ticket for this room"), some.text())

    await door.each(pairs, are_two)
    await _ends_where_the_room_begins(door, some)


async def _ends_where_the_room_begins(door, some):
    """What is a ticket and what is a room's name is not found out by putting them together."""
    room = some.name()
    ticket = await door.ticket(room)
    for shown, other in ((ticket + room[0], room[1:]), (ticket[:-1], ticket[-1] + room)):
        if is_allowed(other):  # a ticket may end with a slash
            text = _ticket(
                shown, "a ticket and the beginning of the room's name, or without its end"
            )
            await door.refuses(other, text, some.text())


async def test_ticket_to_the_letter(door, accounts, some):
    room = some.name()
    ticket = await door.ticket(room)
    cases = [
        _ticket(accounts.token("ann"), "a token as a ticket"),
        _ticket("x" * len(ticket), "an unknown ticket"),
        *(_ticket(text, f"a ticket {how}") for how, text in spoilt(ticket, some.random)),
    ]
    await door.each(cases, lambda shown: door.refuses(room, shown, some.text()))
    # None of those was the ticket, so it is still good.
    await door.lets_in("ann", room, _ticket(ticket), some.text())


async def test_ticket_expires(door_where_tickets_last, watched, watched_door, some):
    for seconds in (0, -3600):
        door, room = door_where_tickets_last(seconds), some.name()
        ticket = await door.ticket(room)
        await door.refuses(
            room, _ticket(ticket, f"a ticket, TICKET_SECONDS={seconds}"), some.text()
        )
    soon, late = some.name(), some.name()
    tickets = {room: await watched_door.ticket(room) for room in (soon, late)}
    await watched.let_pass(10)
    shown = _ticket(tickets[soon], "a ticket of 10 s ago")
    await watched_door.lets_in("ann", soon, shown, some.text())
    await watched.let_pass(21)
    shown = _ticket(tickets[late], "a ticket of 31 s ago")
    await watched_door.refuses(late, shown, some.text())


async def test_tickets_same_words(door, door_where_tickets_last, lesson, some):
    frames = {await door.refuses(some.name(), NOTHING, some.text()): NOTHING.what}
    for where, room, shown in await past_tickets(door, door_where_tickets_last(0), some):
        frames.setdefault(await where.refuses(room, shown, some.text()), shown.what)
    one_frame(frames)


async def test_ticket_says_how_long(door, door_where_tickets_last, some):
    for where, seconds in [(door, 30), (door_where_tickets_last(3600), 3600)]:
        room = some.name()
        ticket, says = await where.ticket_with_time(room)
        expect(
            f"TICKET_SECONDS={seconds}: expires_in {seconds}",
            f"TICKET_SECONDS={seconds}: expires_in {json.dumps(says)}",
        )
        await where.lets_in("ann", room, _ticket(ticket), some.text())


async def test_ticket_of_its_user(door, sessions, some):
    sue, room = await sessions.of("sue"), some.name()
    for name in ("ann", "bob", "жанна"):
        ticket = await door.ticket(room, name=name)
        shown = _ticket(ticket, f"sue, with a ticket of {name}", sue.cookies)
        await door.lets_in(name, room, shown, some.text())


async def test_ticket_ends_with_its_user(door, accounts, some):
    room = some.name()
    ways = {
        "tia, revoked": revoking("tia"),
        "tom, made inactive": making_inactive("tom"),
        "tim, deleted": deleting("tim"),
        "the ted who was deleted, since when there is another ted": deleting("ted"),
    }
    names = dict(zip(ways, ("tia", "tom", "tim", "ted"), strict=True))
    tickets = {who: await door.ticket(room, name=name) for who, name in names.items()}
    of_bob = await door.ticket(room, name="bob")
    nearly = ["Tia", "tiaa", "ti"]
    tokens = accounts.new_tokens(*nearly)
    spared = {
        name: await door.ticket(room, bearer(token))
        for name, token in zip(nearly, tokens, strict=True)
    }
    # Whoever is given that name later is somebody else.
    accounts.run([*ways.values(), creating("ted")])
    for who, ticket in tickets.items():
        await door.refuses(room, _ticket(ticket, f"a ticket of {who}"), some.text())
    await door.lets_in("bob", room, _ticket(of_bob, "a ticket of bob"), some.text())
    for name, ticket in spared.items():
        await door.lets_in(name, room, _ticket(ticket, f"a ticket of {name}"), some.text())


async def test_ticket_by_session(door, accounts, sessions, some):
    sue, room = await sessions.of("sue"), some.name()
    ticket = await door.ticket(room, [*sue.cookies, *sue.csrf])
    await door.lets_in("sue", room, _ticket(ticket, "a ticket of sue"), some.text())
    # A ticket in the address says nothing here, be it good or bad.
    body = json.dumps({"room": room}).encode()
    for query in (f"ticket={await door.ticket(room)}", f"ticket={some.word()}", "ticket="):
        with given(f"POST /tickets/?{query}"):
            response = await door.posts(body, [*sue.cookies, *sue.csrf], query)
            expect("HTTP 201", f"HTTP {response.status_code}")
    await door.wants_csrf_token(room, sue, await sessions.of("max"))
    # A header counts before the session, and wants no such token.
    ticket = await door.ticket(room, [*sue.cookies, *bearer(accounts.token("ann"))])
    await door.lets_in("ann", room, _ticket(ticket, "a ticket of ann"), some.text())


async def test_ticket_for_strangers(door, accounts, sessions, some):
    sue, good = await sessions.of("sue"), bearer(accounts.token("ann"))
    session = [*sue.cookies, *sue.csrf]
    browser = door.visitor.another("a stranger")
    cases = [
        ("nothing", await with_csrf_token(browser)),
        ("an unknown token", bearer("x" * 43)),
        ("Basic", [("Authorization", "Basic YW5uOmFubg==")]),
        ("an empty header", [("Authorization", "")]),
        ("Bearer alone", [("Authorization", "Bearer")]),
        ("two tokens", [*good, *good]),
        ("a token and an empty header", [*good, ("Authorization", "")]),
        ("an empty header and a token", [("Authorization", ""), *good]),
        ("garbage", [("Authorization", "Bearer \xff\xfe")]),
        ("a session and an unknown token", [*session, *bearer("x" * 43)]),
        ("a session and an empty header", [*session, ("Authorization", "")]),
        ("a session and Basic", [*session, ("Authorization", "Basic YW5uOmFubg==")]),
        ("a session and Bearer alone", [*session, ("Authorization", "Bearer")]),
        ("a session and an expired token", [*session, *bearer(accounts.token(EXPIRED[0]))]),
        *((name, bearer(accounts.token(name))) for name in BAD),
    ]

    async def gets_none(case):
        what, headers = case
        # Whatever they ask for.
        body = some.random.choice([json.dumps({"room": some.name()}).encode(), b"tea", b"{}"])
        with given(f"{what}; {body.decode()}"):
            expect_error(what, await door.posts(body, headers), 401, "unauthorized")

    await door.each(cases, gets_none)
    # What is no credential at a door is none here, nor is a ticket.
    token, ticket = accounts.token("ann"), await door.ticket(some.name())
    page = await with_csrf_token(browser)
    others = [*nothing_else(token, ticket), _ticket(ticket)]

    async def is_nobody(shown):
        what, body = shown.what, json.dumps({"room": some.name()}).encode()
        with given(what):
            response = await door.posts(body, [*page, *shown.headers], shown.query)
            expect_error(what, response, 401, "unauthorized")

    headers = [shown for shown in others if "Cookie" not in dict(shown.headers)]
    await door.each([shown for shown in headers if not shown.subprotocols], is_nobody)
    # However many were bad, whoever is known gets one.
    await door.ticket(some.name())
    await browser.leave()


async def test_ticket_for_a_room(door, accounts, sessions, some):
    sue, good = await sessions.of("sue"), bearer(accounts.token("ann"))

    async def is_a_room(room):
        shown = _ticket(await door.ticket(room), f"a ticket for {room}")
        await door.lets_in("ann", room, shown, some.text())

    async def is_none(case):
        code, body = case
        # It is all the same who asks, if they are known.
        headers = some.random.choice([good, [*sue.cookies, *sue.csrf]])
        with given(body):
            expect_error(f"a body that is {code}", await door.posts(body, headers), 400, code)

    await door.each(_ROOMS, is_a_room)
    await door.each([(code, body) for code in _BODIES for body in _BODIES[code]], is_none)
    response = await door.visitor.get("/tickets/", headers=list(good))
    expect("GET /tickets/: HTTP 405", f"GET /tickets/: HTTP {response.status_code}")
    shown = _ticket(await door.ticket("tea"), "a ticket, later")
    await door.lets_in("ann", "tea", shown, some.text())


_ROOMS = [
    "tea",
    "комната",
    "чай и кофе",
    "a+b",
    "a%20b",
    " tea ",
    "\N{NO-BREAK SPACE}tea\N{IDEOGRAPHIC SPACE}",
    "я" * 200,
    "🍵" * 200,
    "👩‍👩‍👧‍👦",
    '"',
    "<b>",
    "\\",
]
_NO_ROOMS = [
    *(None, 7, True, [], ["x"], {}, {"room": "x"}),
    *("", " ", "\t", "\u00a0 ", "a\nb", "a\0b", "\x7f", "a\u2028b", "a\x85"),
    *("x" * 201, "я" * 201, "🍵" * 201),
    *("/", "a/b", "/tea", "tea/", "чай/кофе", "//", "../tea"),
]
#: What is no body for a ticket, by the code that it is refused with.
_BODIES = {
    "not_json": [
        *(b"", b"tea", b"{", b'{"room": "x"', b"{'room': 'x'}", b"room=x", b"\xff", b"[" * 50_000)
    ],
    "not_object": [b"[]", b'["room"]', b'"room"', b"7", b"null", b"true", b"-1.5"],
    "bad_room": [
        *(b"{}", b'{"Room": "x"}', b'{"message": "x"}'),
        *(json.dumps({"room": room}).encode() for room in _NO_ROOMS),
    ],
}
