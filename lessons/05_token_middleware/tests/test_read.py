"""Task `read`: what is shown is read, and only what can be a credential."""

from channels_workshop.chat_checks.accounts import Shown, bearer, get_ticket
from channels_workshop.judging.mismatch import given
from channels_workshop.judging.timeline import readable, shortened


async def test_token_in_the_header(door, accounts, some):
    for name in ("ann", "bob"):
        shown = Shown(f"the token of {name}", bearer(accounts.token(name)))
        await door.lets_in(name, some.name(), shown, some.text())
    for scheme in ("bearer", "BEARER"):
        shown = Shown(scheme, [("Authorization", f"{scheme} {accounts.token('ann')}")])
        await door.lets_in("ann", some.name(), shown, some.text())


async def test_ticket_in_the_query(door, accounts, some):
    # In every way in which the query of an address may be written.
    for what, query in [
        ("ticket", "ticket={}"),
        ("ticket among others", "tea=green&ticket={}&%FF=%FF&tea="),
        ("percent-encoded ticket", "%74icket={}"),
    ]:
        room = some.name()
        ticket = await get_ticket(door.visitor, room, bearer(accounts.token("ann")))
        if what.startswith("percent"):
            ticket = "".join(f"%{byte:02x}" for byte in ticket.encode())
        shown = Shown(what, query=query.format(ticket))
        await door.lets_in("ann", room, shown, some.text())


async def test_one_credential_only(door, accounts, some):
    room = some.name()
    header = bearer(accounts.token("ann"))
    other = bearer(accounts.token("bob"))
    tickets = [await get_ticket(door.visitor, room, header) for _ in range(3)]
    for shown in [
        Shown("two tokens", [*header, *other]),
        Shown("the same token twice", [*header, *header]),
        Shown("two tickets", query=f"ticket={tickets[0]}&ticket={tickets[1]}"),
        Shown("the same ticket twice", query=f"ticket={tickets[0]}&ticket={tickets[0]}"),
        Shown("a token and a ticket", header, f"ticket={tickets[2]}"),
        Shown("a token and an empty ticket", header, "ticket="),
    ]:
        await door.knows_nobody(room, shown, some.text())


async def test_garbage(door, accounts, some):
    token = accounts.token("ann")
    values = [
        *("", "Bearer", "Bearer ", "Basic YW5uOmFubg==", "Basic TOKEN", "TOKEN", "Token TOKEN"),
        *("BearerTOKEN", 'Bearer token="TOKEN"', "Bearer TOKEN TOKEN", "Bearer \xff\xfe", "\xff"),
        *("Bearer " + "x" * 6000, "Bearer TOKEN-BUT-FOR-ITS-LAST-LETTER", "Bearer \t"),
    ]
    queries = [
        *("ticket", "ticket=", "ticket=%", "ticket=%FF%FE", "ticket=%00", "ticket=%ED%A0%80", "%"),
        *("ticket=" + "x" * 6000, "ticket=" + "%25" * 2000, "ticket=%D1%87%D0%B0%D0%B9", "&&=&"),
        *("ticket=\u00e9", "ticket[]=1", "ticket=1;ticket=2", "=", "?ticket=?", "ticket=%C3"),
    ]
    for written in values:
        value = written.replace("TOKEN-BUT-FOR-ITS-LAST-LETTER", token[:-1]).replace("TOKEN", token)
        shown = Shown(
            f"Authorization: {readable(shortened(written, 40))}", [("Authorization", value)]
        )
        with given(shown.what):
            await door.knows_nobody(some.name(), shown, some.text())
    for query in queries:
        shown = Shown(f"?{shortened(query, 40)}", query=query)
        with given(shown.what):
            await door.knows_nobody(some.name(), shown, some.text())
