"""Who is it: tested in process, each part by itself and then all of them together.

Run them in the project's folder: `python -m pytest --ds=config.settings accounts/tests.py`
"""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.test import AsyncClient

from .credentials import BadCredential, Credential, read_credential
from .middleware import KnownVisitorsOnly
from .models import Ticket, Token
from .refusal import UNAUTHORIZED, UNAUTHORIZED_FRAME
from .tickets import create_ticket, spend
from .tokens import create_token, digest_of, find_user, revoke_tokens

# `transaction=True`: async code reads on a connection of its own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ann():
    return get_user_model().objects.create_user("ann", password="tea-time")


def bearer(token):
    return (b"authorization", f"Bearer {token}".encode())


# What needs no database is tested without one.
@pytest.mark.parametrize(
    ("headers", "query", "credential"),
    [
        ([], b"", None),
        ([(b"cookie", b"ticket=1")], b"tickets=1&Ticket=2", None),
        ([bearer("abc")], b"tea=green", Credential("token", "abc")),
        ([(b"authorization", b"bEARER abc")], b"", Credential("token", "abc")),
        ([], b"a=%FF&ticket=a%62c", Credential("ticket", "abc")),
    ],
)
def test_a_credential_is_read(headers, query, credential):
    assert read_credential(headers, query) == credential


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([bearer("abc"), bearer("abc")], b""),
        ([bearer("abc")], b"ticket=abc"),
        ([], b"ticket=abc&ticket=abc"),
        ([(b"authorization", b"")], b""),
        ([(b"authorization", b"Basic abc")], b""),
        ([(b"authorization", b"Bearer")], b""),
        ([(b"authorization", b"\xff\xfe")], b""),
    ],
)
def test_a_bad_credential_is_told_from_none(headers, query):
    with pytest.raises(BadCredential):
        read_credential(headers, query)


def test_an_empty_ticket_is_shown_all_the_same():
    assert read_credential([], b"ticket") == Credential("ticket", "")


async def test_a_good_token_is_its_users(ann):
    token = await sync_to_async(create_token)(ann, 60)
    assert await find_user(token) == ann
    assert await find_user("another") is None


# --8<-- [start:expired_test]
async def test_an_expired_token_is_nobodys(ann):
    token = await sync_to_async(create_token)(ann, -1)
    assert await find_user(token) is None
    # --8<-- [end:expired_test]


async def test_a_revoked_token_is_nobodys(ann):
    token = await sync_to_async(create_token)(ann, 60)
    await sync_to_async(revoke_tokens)(ann)
    assert await find_user(token) is None


async def test_an_inactive_users_token_is_nobodys(ann):
    token = await sync_to_async(create_token)(ann, 60)
    ann.is_active = False
    await ann.asave()
    assert await find_user(token) is None


def test_the_command_prints_the_token_and_nothing_else(capsys):
    call_command("create_token", "bob", "--expires-in", "60", "--inactive")
    (token,) = capsys.readouterr().out.splitlines()
    stored = Token.objects.get()
    assert (stored.digest, stored.user.username) == (digest_of(token), "bob")
    assert not stored.user.is_active


def test_a_name_is_looked_up_as_it_is_stored(capsys):
    # Django stores names in one form of Unicode (NFKC): no ligatures.
    for _time in range(2):
        call_command("create_token", "\ufb01n", "--expires-in", "60")
    assert {token.user.username for token in Token.objects.all()} == {"fin"}
    call_command("revoke_tokens", "\ufb01n")
    assert not Token.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize("seconds", [10**12, 10**400])
async def test_a_number_of_seconds_may_be_beyond_the_calendar(ann, settings, seconds):
    assert await find_user(await sync_to_async(create_token)(ann, seconds)) == ann
    assert await find_user(await sync_to_async(create_token)(ann, -seconds)) is None
    settings.TICKET_SECONDS = seconds
    assert await spend(await create_ticket(ann, "tea"), "tea") == ann


async def test_a_ticket_is_spent_by_one_of_many(ann):
    ticket = await create_ticket(ann, "tea")
    assert await spend(ticket, "coffee") is None
    spent = await asyncio.gather(*(spend(ticket, "tea") for _ in range(10)))
    assert sorted(spent, key=bool) == [None] * 9 + [ann]


async def test_a_ticket_expires_and_is_swept_away(ann, settings):
    settings.TICKET_SECONDS = 0
    assert await spend(await create_ticket(ann, "tea"), "tea") is None
    await create_ticket(ann, "tea")
    assert await Ticket.objects.acount() == 1


async def test_a_ticket_is_good_while_its_user_is_welcome(ann):
    revoked, idle = [await create_ticket(ann, "tea") for _ in range(2)]
    ann.is_active = False
    await ann.asave()
    assert await spend(idle, "tea") is None
    ann.is_active = True
    await ann.asave()
    await sync_to_async(revoke_tokens)(ann)
    assert await spend(revoked, "tea") is None


# The middleware alone, around an application that notes what it is given.
class Noting:
    """An application that accepts, and keeps the scope that it was called with."""

    scope = None

    async def __call__(self, scope, receive, send):
        self.scope = scope
        await receive()
        await send({"type": "websocket.accept"})
        await receive()


async def knock(user, headers=(), query=b""):
    """Return what a caller gets from the middleware, and the two scopes, outer and inner."""
    inner = Noting()
    caller = WebsocketCommunicator(KnownVisitorsOnly(inner), "/", headers=list(headers))
    outer = caller.scope
    outer |= {"user": user, "query_string": query, "url_route": {"kwargs": {"room": "tea"}}}
    accepted, _ = await caller.connect()
    assert accepted
    return caller, outer, inner.scope


async def test_the_known_are_passed_on_in_a_copy(ann):
    token = await sync_to_async(create_token)(ann, 60)
    stranger = AnonymousUser()
    caller, outer, inner = await knock(stranger, [bearer(token)])
    assert (outer["user"], inner["user"]) == (stranger, ann)
    await caller.disconnect()


async def test_a_missing_token_leaves_the_sessions_user(ann):
    caller, _, inner = await knock(ann)
    assert inner["user"] == ann
    await caller.disconnect()


# --8<-- [start:refused_test]
@pytest.mark.parametrize(
    ("headers", "query"), [([], b""), ([bearer("bad")], b""), ([], b"ticket=bad"), ([], b"ticket=")]
)
async def test_strangers_are_refused(headers, query):
    caller, _, inner = await knock(AnonymousUser(), headers, query)
    assert inner is None
    assert await caller.receive_from() == UNAUTHORIZED_FRAME
    assert await caller.receive_output() == {"type": "websocket.close", "code": UNAUTHORIZED}
    # --8<-- [end:refused_test]


async def test_a_bad_token_is_refused_despite_a_session(ann):
    caller, _, inner = await knock(ann, [bearer("bad")])
    assert inner is None
    assert await caller.receive_from() == UNAUTHORIZED_FRAME


# Tickets, over HTTP.
async def ask(client, body='{"room": "tea"}', **headers):
    return await client.post("/tickets/", body, content_type="application/json", headers=headers)


async def test_a_token_is_exchanged_for_a_ticket(ann, async_client):
    token = await sync_to_async(create_token)(ann, 60)
    answer = await ask(async_client, authorization=f"Bearer {token}")
    assert answer.status_code == 201
    assert await spend(answer.json()["ticket"], "tea") == ann


async def test_strangers_get_no_ticket(async_client):
    for headers in ({}, {"authorization": "Bearer bad"}, {"authorization": "Basic"}):
        assert (await ask(async_client, **headers)).status_code == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("tea", "not_json"),
        ("[]", "not_object"),
        ("{}", "bad_room"),
        ('{"room": "\\ud800"}', "bad_room"),
        ('{"room": "a/b"}', "bad_room"),
        (" " * 3_000_000, "too_large"),
    ],
)
async def test_a_ticket_is_for_a_room(ann, async_client, body, code):
    token = await sync_to_async(create_token)(ann, 60)
    answer = await ask(async_client, body, authorization=f"Bearer {token}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_session_needs_djangos_protection(ann):
    client = AsyncClient(enforce_csrf_checks=True)
    await client.alogin(username="ann", password="tea-time")
    assert (await ask(client)).status_code == 403
    page = await client.get("/login/")
    csrf = page.cookies["csrftoken"].value
    assert (await ask(client, **{"x-csrftoken": csrf})).status_code == 201
