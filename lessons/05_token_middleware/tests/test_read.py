"""Task `read`: what is shown is read, in every way in which it may be written, and nothing else."""

from channels_workshop.chat_checks.accounts import NAMES, Shown, bearer
from channels_workshop.chat_checks.credentials import (
    empty_ones,
    garbage,
    good_headers,
    good_queries,
    nothing_else,
    twice,
    two_at_once,
    unreadable,
    written,
)
from channels_workshop.judging.mismatch import agreed


async def test_token_in_the_header(door, accounts, sessions, some):
    sessions.begin()  # for later checks, which need not wait for it then
    people = [(name, Shown(f"a token of {name}", bearer(accounts.token(name)))) for name in NAMES]
    ways = [("bob", shown) for shown in good_headers(accounts.token("bob"), some.random)]

    async def is_let_in(case):
        name, shown = case
        await door.lets_in(name, some.name(), shown, some.text())

    await door.each([*people, *ways], is_let_in)


async def test_ticket_in_the_query(door, some):
    async def is_let_in(case):
        what, query = case
        room, name = some.name(), some.random.choice(["ann", "bob"])
        shown = Shown(what, query=written(query, await door.ticket(room, name=name)))
        await door.lets_in(name, room, shown, some.text())

    await door.each(good_queries(some.random), is_let_in)


async def test_one_credential_only(door, accounts, some):
    async def is_nobody(several):
        room = some.name()
        # New ones each time: whether a ticket that was shown like that is still good is left open.
        tickets = [await door.ticket(room) for _ in range(several.tickets)]
        await door.knows_nobody(room, several.shown(*tickets), some.text())

    await door.each(two_at_once(accounts.token("ann"), accounts.token("bob")), is_nobody)
    room = some.name()
    await door.knows_nobody(room, twice(await door.ticket(room)), some.text())
    await _is_still_open(door, accounts, some)


async def test_empty_is_bad(door, accounts, some):
    await _are_nobody(door, some, empty_ones(accounts.token("ann")))
    await _is_still_open(door, accounts, some)


async def test_nothing_else_counts(door, accounts, some):
    room, token = some.name(), accounts.token("ann")
    ticket = await door.ticket(room)

    async def is_bob(shown):
        # Beside a good one it is no second one.
        await door.lets_in("bob", room, shown.beside(bearer(accounts.token("bob"))), some.text())

    await _are_nobody(door, some, nothing_else(token, ticket), room)
    await door.each(nothing_else(token, ticket), is_bob)
    # It was never shown where it counts.
    shown = Shown("a ticket", query=written("ticket={}", ticket))
    await door.lets_in("ann", room, shown, some.text())


async def test_garbage(door, accounts, some):
    await _are_nobody(door, some, garbage(some.random))
    room, token = some.name(), accounts.token("ann")
    ticket = await door.ticket(room)
    with agreed("W7"):
        await _are_nobody(door, some, unreadable(token, ticket), room)
    await _is_still_open(door, accounts, some)


async def _are_nobody(door, some, cases, room=None):
    async def is_nobody(shown):
        await door.knows_nobody(room or some.name(), shown, some.text())

    await door.each(cases, is_nobody)


async def _is_still_open(door, accounts, some):
    """The server is none the worse for what was bad: whoever is good is let in."""
    room = some.name()
    await door.lets_in("eve", room, Shown("eve, later", bearer(accounts.token("eve"))), some.text())
    query = written("ticket={}", await door.ticket(room, name="eve"))
    await door.lets_in("eve", room, Shown("eve, by a ticket", query=query), some.text())
