"""Task `look_up`: a token is good to the letter, as long as it says, and while its user may come."""

from channels_workshop.chat_checks.accounts import (
    DELETED,
    EXPIRED,
    GOOD,
    INACTIVE,
    NEARLY_IVO,
    NEARLY_ROB,
    REVOKED,
    Shown,
    bearer,
    creating,
    deleting,
    making_active,
    making_inactive,
    revoking,
)
from channels_workshop.chat_checks.credentials import spoilt
from channels_workshop.judging.mismatch import agreed


async def test_good_token(door, accounts, some):
    # As often as anybody likes, and by several at once: each has a connection of its own.
    await _are(door, accounts, some, {**GOOD, **GOOD})
    await _are(door, accounts, some, GOOD)


async def test_unknown_token(door, accounts, some):
    token = accounts.token("ann")
    ticket = await door.ticket(some.name())
    unknown = [
        ("a token that nobody was given", "x" * len(token)),
        ("a user’s name", "ann"),
        ("a user’s number", "1"),
        ("a ticket as a token", ticket),
        *((f"a token {how}", text) for how, text in spoilt(token, some.random)),
    ]

    async def is_nobody(case):
        what, text = case
        await door.knows_nobody(some.name(), Shown(what, bearer(text)), some.text())

    await door.each(unknown, is_nobody)
    await _are(door, accounts, some, {"ann": "ann"})


async def test_expired_token(door, watched, watched_door, accounts, some):
    await _are_nobody(door, accounts, some, EXPIRED)
    # Another token of the same user is still good, and does not help those.
    await _are(door, accounts, some, {"ann, another": "ann"})
    await _are_nobody(door, accounts, some, EXPIRED)
    # One that is good, and is shown, and then expires.
    room, (token,) = some.name(), accounts.new_tokens("ann", seconds=100)
    shown = Shown("ann, for 100 s", bearer(token))
    await watched_door.lets_in("ann", room, shown, some.text())
    await watched.let_pass(101)
    shown = Shown("ann, 101 s later", bearer(token))
    await watched_door.knows_nobody(room, shown, some.text())


async def test_revoked_token(door, accounts, some):
    await _are_nobody(door, accounts, some, REVOKED)
    await _are(door, accounts, some, {"rob, given since": "rob"})
    with agreed("M2"):  # of no other user than that
        await _are(door, accounts, some, {name: name for name in NEARLY_ROB})
    await _are_good_until(door, accounts, some, "una", revoking, "revoked since")


async def test_inactive_user(door, accounts, some):
    await _are_nobody(door, accounts, some, INACTIVE)
    with agreed("M1"):
        await _are(door, accounts, some, {name: name for name in NEARLY_IVO})
    open_tab = await door.connect(some.name(), _token(accounts, "ida", ""))
    await _are_good_until(door, accounts, some, "ida", making_inactive, "made inactive since")
    # What is known of her user where her tab closes is what was known when it was opened.
    await open_tab.end()
    for _each in range(3):
        since = "made inactive while a tab was open, which is closed by now"
        await _are_nobody(door, accounts, some, ["ida", "ida, another"], since)
    # What was bad for that alone is good again with its user.
    accounts.run([making_active("ida")])
    tokens = dict.fromkeys(["ida", "ida, another"], "ida")
    await _are(door, accounts, some, tokens, "refused while she was inactive, active again")


async def test_deleted_user(door, accounts, some):
    await _are_nobody(door, accounts, some, DELETED)
    await _are_good_until(door, accounts, some, "dora", deleting, "deleted since")
    # Whoever is given that name later is somebody else.
    accounts.run([creating("dora")])
    tokens = ["dora", "dora, another"]
    await _are_nobody(door, accounts, some, tokens, "deleted; there is another dora by now")


async def _are(door, accounts, some, names, since=""):
    """Each of the tokens lets in the user that it is of; `since` says what was done to that user."""

    async def lets_in(case):
        token, name = case
        shown = _token(accounts, token, since)
        await door.lets_in(name, some.name(), shown, some.text())

    await door.each(names.items(), lets_in)


async def _are_nobody(door, accounts, some, tokens, since=""):
    async def is_nobody(token):
        shown = _token(accounts, token, since)
        await door.knows_nobody(some.name(), shown, some.text())

    await door.each(tokens, is_nobody)


def _token(accounts, token, since):
    what = f"token of {token}, {since}" if since else f"token of {token}"
    return Shown(what, bearer(accounts.token(token)))


async def _are_good_until(door, accounts, some, name, command, since):
    """Tokens that were used are bad from the moment on in which that is done to their user."""
    tokens = [name, f"{name}, another"]
    await _are(door, accounts, some, dict.fromkeys(tokens, name))
    accounts.run([command(name)])
    await _are_nobody(door, accounts, some, tokens, since)
    await _are(door, accounts, some, {"bob": "bob"})
