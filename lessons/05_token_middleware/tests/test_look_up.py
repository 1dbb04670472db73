"""Task `look_up`: a token is good as long as it says, and as its user may come in at all."""

from channels_workshop.chat_checks.accounts import Shown, bearer


async def test_unknown_token(door, some):
    shown = Shown("a token that nobody was given", bearer("x" * 43))
    await door.knows_nobody(some.name(), shown, some.text())


async def test_expired_token(door, accounts, some):
    # The token of the same user that is still good must not help.
    await _is_nobody(door, accounts, some, "ann, expired")
    await _is(door, accounts, some, "ann", "ann")


async def test_revoked_token(door, accounts, some):
    await _is_nobody(door, accounts, some, "rob, revoked")
    await _is(door, accounts, some, "rob, given since", "rob")


async def test_inactive_user(door, accounts, some):
    await _is_nobody(door, accounts, some, "ina, inactive")


async def test_good_token(door, accounts, some):
    for name in ("ann", "bob", "eve"):
        await _is(door, accounts, some, name, name)
    await _is(door, accounts, some, "ann, another", "ann")


async def _is(door, accounts, some, token, name):
    shown = Shown(f"token of {token}", bearer(accounts.token(token)))
    await door.lets_in(name, some.name(), shown, some.text())


async def _is_nobody(door, accounts, some, token):
    shown = Shown(f"token of {token}", bearer(accounts.token(token)))
    await door.knows_nobody(some.name(), shown, some.text())
