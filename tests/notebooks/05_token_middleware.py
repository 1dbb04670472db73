# Claims of the notebook: each block holds after the cell that it names.

# %% run-scope
assert scope_shown["query_string"] == "b'ticket=a%2Bb'"
assert scope_shown["headers"] == ["(b'authorization', b'Bearer abc')"]
assert scope_shown["has a user"] is False

# %% run-wrong
assert await knock(server, headers=ann.cookie | bearer("a wrong one")) == "unauthorized, 4401"

# %% run-ladder
assert came_in == {
    "nothing": "unauthorized, 4401",
    "Ann's session": "ann",
    "Bob's token": "bob",
    "Ann's session and Bob's token": "bob",
    "Bob's token, expired": "unauthorized, 4401",
    "Bob's token in the address": "unauthorized, 4401",
    "Bob's ticket": "bob",
    "Bob's ticket, again": "unauthorized, 4401",
    "Ann's session and an empty ticket": "unauthorized, 4401",
}
refusals = []
for shown in ({}, {"headers": bearer(expired)}, {"query": f"?ticket={ticket}"}):
    refused = await join(server, "tea", **shown)
    refusals.append(await refused.frame())
assert refusals[0] == refusals[1] == refusals[2]

# %% run-log
assert in_the_log == {"token in a header": False, "token in an address": True, "ticket": True}

# %% run-thief
assert thief == {"token": "ann", "ticket": "unauthorized, 4401"}

# %% run-parsers
assert all(grid.wrong(parser.__name__) for parser in parsers)
assert grid.wrong("finished") == []
assert len(grid.wrong("of_bytes")) == len(queries) - 1
assert answer(of_bytes, b"") == "None"
assert all(answer(parser, b"ticket=abc") == "'abc'" for parser in (by_split, by_dict, by_parse_qs))
assert answer(by_parse_qs, b"ticket=") == "None"
assert answer(by_parse_qs, b"ticket=1&ticket=2") == "'1'"
# An exception is an HTTP 500 for whoever comes.
by_split_there = """
def read_credential(headers, query_string):
    return Credential("ticket", query_string.decode().split("=")[1])


def read_authorization(value):
    raise BadCredential
"""
broken_chat = serve("05", sections={"read": by_split_there})
assert await knock(broken_chat) == "HTTP 500"
broken_chat.stop()

# %% run-shortest
assert broken["finished"] is None
assert all(len(broken[parser.__name__]) == 1 for parser in parsers)

# %% fill-read
assert not check("05", read_authorization, read_credential, section="read").passed
assert check(
    "05",
    section="read",
    code="""
def read_authorization(value):
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise BadCredential
    return Credential("token", token)


def read_credential(headers, query_string):
    shown = [value.decode("latin-1") for name, value in headers if name == b"authorization"]
    query = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)
    tickets = [value for name, value in query if name == "ticket"]
    if len(shown) + len(tickets) > 1:
        raise BadCredential
    if shown:
        return read_authorization(shown[0])
    return Credential("ticket", tickets[0]) if tickets else None
""",
).passed

# %% run-hijack
assert stolen == {"message": "Lend me 100 euros?", "user": "ann"}
await bob.say("Sure.")
while (overheard := await evil.heard())["user"] != "bob":
    pass
assert overheard["message"] == "Sure."

# %% run-guarded
assert [*guarded.values()] == ["ann", "HTTP 403", "HTTP 403"]

# %% run-csrf
import pytest

with pytest.raises(httpx.HTTPStatusError, match="403"):
    await fetch_ticket(server, "tea", ann.cookie)

# %% run-replay
assert twice == ["eve", "eve"]

# %% run-ten
assert sorted(ten) == ["bob", *["unauthorized, 4401"] * 9]

# %% fill-spend
assert not check("05", spend).passed
assert check(
    "05",
    section="spend",
    code="""
async def spend(ticket, room):
    good = Ticket.objects.filter(
        digest=digest_of(ticket), room=room, expires_at__gt=timezone.now(), user__is_active=True
    )
    found = await good.select_related("user").afirst()
    deleted, _ = await good.adelete()
    return found.user if deleted else None
""",
).passed
