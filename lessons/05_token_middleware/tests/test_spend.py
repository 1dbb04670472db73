"""Task `spend`: a ticket lets one person into one room, once, and not for long."""

import asyncio

from channels_workshop.chat_checks.accounts import (
    Shown,
    ask_for_ticket,
    bearer,
    get_ticket,
)
from channels_workshop.judging.mismatch import expect, given

TOGETHER = 8


def _ticket(ticket, what="a ticket"):
    return Shown(what, query=f"ticket={ticket}")


async def _get(door, accounts, room, name="ann"):
    return await get_ticket(door.visitor, room, bearer(accounts.token(name)))


async def test_ticket_is_spent_once(door, accounts, some):
    room = some.name()
    ticket = await _get(door, accounts, room)
    await door.lets_in("ann", room, _ticket(ticket), some.text())
    again = await door.refuses(room, _ticket(ticket, "the same ticket again"), some.text())
    unknown = await door.refuses(room, _ticket("x" * 43, "unknown ticket"), some.text())
    expect(f"the same ticket again: {unknown}", f"the same ticket again: {again}")
    await door.lets_in("ann", room, _ticket(await _get(door, accounts, room)), some.text())


async def test_ticket_is_spent_once_at_once(probed_door, accounts, lesson, some):
    room = some.name()
    ticket = await _get(probed_door, accounts, room)
    # They are held at the gate until all have come.
    together = [("X-Together", str(TOGETHER))]
    shown = [Shown(f"{n + 1}", together, f"ticket={ticket}") for n in range(TOGETHER)]
    answers = await asyncio.gather(*(probed_door.knock(room, each, some.text()) for each in shown))
    let_in = [answer for answer in answers if answer.code is None]
    refused = [answer for answer in answers if answer.is_refusal]

    def came(let_in, refused):
        return lesson.message("one_ticket", people=TOGETHER, let_in=let_in, refused=refused)

    expect(came(1, TOGETHER - 1), came(len(let_in), len(refused)))


async def test_ticket_for_its_room(door, accounts, some):
    room, other = some.name(), some.name()
    ticket = await _get(door, accounts, room)
    await door.refuses(other, _ticket(ticket, "a ticket for another room"), some.text())
    capital = some.name()
    ticket = await _get(door, accounts, capital)
    await door.refuses(capital.title(), _ticket(ticket, "a ticket for another room"), some.text())


async def test_ticket_expires(late_door, accounts, some):
    room = some.name()
    ticket = await _get(late_door, accounts, room)
    await late_door.refuses(room, _ticket(ticket, "expired ticket"), some.text())


async def test_ticket_of_its_user(door, accounts, sue, some):
    room = some.name()
    for name in ("ann", "bob"):
        ticket = await _get(door, accounts, room, name)
        shown = Shown(f"session of sue, ticket of {name}", sue.cookies, f"ticket={ticket}")
        await door.lets_in(name, room, shown, some.text())


async def test_ticket_by_session(door, sue, some):
    room = some.name()
    ticket = await get_ticket(door.visitor, room, [*sue.cookies, *sue.csrf])
    await door.lets_in("sue", room, _ticket(ticket, "ticket of sue"), some.text())
    response = await ask_for_ticket(door.visitor, room, sue.cookies)
    expect("no X-CSRFToken: HTTP 403", f"no X-CSRFToken: HTTP {response.status_code}")


async def test_ticket_office(door, accounts, sue, some):
    good = bearer(accounts.token("ann"))
    response = await ask_for_ticket(door.visitor, some.name(), good)
    content = response.json() if response.status_code == 201 else {}
    actual = f"HTTP {response.status_code}, expires_in: {content.get('expires_in')}"
    expect("HTTP 201, expires_in: 30", actual)
    for what, headers in [
        ("nothing", []),
        ("unknown token", bearer("x" * 43)),
        ("expired token", bearer(accounts.token("ann, expired"))),
        ("no bearer", [("Authorization", "Basic YW5uOmFubg==")]),
        ("two tokens", [*good, *good]),
        ("session of sue, unknown token", [*sue.cookies, *bearer("x" * 43)]),
    ]:
        response = await ask_for_ticket(door.visitor, some.name(), headers)
        _expect_error(what, response, 401, "unauthorized")
    for body, code in [
        (b"tea", "not_json"),
        (b"\xff", "not_json"),
        (b"[]", "not_object"),
        (b"{}", "bad_room"),
        (b'{"room": 7}', "bad_room"),
        (b'{"room": "  "}', "bad_room"),
        (b'{"room": "a\\nb"}', "bad_room"),
    ]:
        with given(body):
            response = await door.visitor.post("/tickets/", content=body, headers=dict(good))
            _expect_error(repr(body), response, 400, code)


def _expect_error(what, response, status, code):
    try:
        content = response.json()
    except ValueError:
        content = {}
    actual = f"{what}: HTTP {response.status_code} {content.get('type')} {content.get('code')}"
    expect(f"{what}: HTTP {status} error {code}", actual)
