"""What the page of lesson 05 says about Channels, Django and uvicorn, proved by running it.

Which sentence each proof belongs to stands in `lesson_05.toml`; `tests/test_statements.py` runs this
file in a process of its own, because Django's settings are global.
"""

import asyncio
import contextlib
import io
import json
import logging
import runpy
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qs, parse_qsl

import pytest
from proving import REPOSITORY, database, lines_printed_by, proof, report, serving, use_project

use_project("05_token_middleware")

from asgiref.sync import sync_to_async  # noqa: E402
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from channels.routing import URLRouter  # noqa: E402
from channels.security.websocket import OriginValidator  # noqa: E402
from channels.testing import WebsocketCommunicator  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import (  # noqa: E402
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
)
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.exceptions import SynchronousOnlyOperation  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import OperationalError  # noqa: E402
from django.db.models.sql.compiler import SQLCompiler  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402
from websockets.exceptions import (  # noqa: E402
    ConnectionClosed,
    InvalidStatus,
    NegotiationError,
)

from accounts.middleware import KnownVisitorsOnly  # noqa: E402
from accounts.models import Ticket, Token  # noqa: E402
from accounts.tokens import create_token, digest_of, find_user, new_secret  # noqa: E402
from chat.consumers import ChatConsumer  # noqa: E402
from config.asgi import application  # noqa: E402

PROJECT = REPOSITORY / "lessons" / "05_token_middleware"
SNIPPETS = REPOSITORY / "docs" / "snippets" / "05_token_middleware"
ROOM = "/ws/chat/tea/"
BACKEND = "django.contrib.auth.backends.ModelBackend"
ELSEWHERE = "http://elsewhere.example"
SECONDS = 10


@contextlib.asynccontextmanager
async def database_file(migrate=False):
    """Give Django a database for a while: a file, as in the project. Made at once unless `migrate`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made_in = {"NAME": str(Path(folder) / "db.sqlite3"), "MIGRATE": migrate}
        settings.DATABASES["default"]["TEST"].update(made_in)
        async with database():
            yield


async def make_person(name="ann"):
    """Return a new user, and a token of theirs that is good for an hour."""
    user = await get_user_model().objects.acreate_user(name)
    return user, await sync_to_async(create_token)(user, 3600)


async def log_in(user):
    """Return the cookie of a session in which `user` is logged in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    await session.acreate()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


async def scope_of(cookie):
    """Return what stands in the scope beneath `AuthMiddlewareStack`."""
    found = {}

    async def note(scope, receive, send):
        found.update(scope)

    headers = [(b"cookie", cookie.encode())]
    await AuthMiddlewareStack(note)({"type": "websocket", "headers": headers}, None, None)
    return found


async def knock(url, **options):
    """Return the HTTP status of the handshake: 101 where it is accepted."""
    try:
        async with connect(url, **options):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@contextlib.contextmanager
def logged():
    """Give what uvicorn logs for a while, as it does by default."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "uvicorn.access")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data)


# ---- What a handshake carries


@proof
async def the_scope_has_bytes_and_names_in_lower_case():
    seen = asyncio.Queue()

    async def note(scope, receive, send):
        seen.put_nowait((scope["headers"], scope["query_string"], scope["subprotocols"]))
        await Echo.as_asgi()(scope, receive, send)

    async with serving(note) as (host, _):
        url = f"ws://{host}/?ticket=%D1%87"
        shown = {"Authorization": "Bearer x", "Cookie": "a=b"}
        await knock(url, additional_headers=shown, subprotocols=["chat"])
        headers, query, subprotocols = await seen.get()
        assert {(b"authorization", b"Bearer x"), (b"cookie", b"a=b")} <= set(headers)
        assert (query, subprotocols) == (b"ticket=%D1%87", ["chat"])


@proof
async def the_log_has_the_query_and_no_header():
    with logged() as log:
        async with serving(Echo.as_asgi()) as (host, _):
            shown = {"Authorization": "Bearer in-header", "Cookie": "a=in-cookie"}
            url = f"ws://{host}/?token=in-query"
            offered = ["in-subprotocol"]
            async with connect(url, additional_headers=shown, subprotocols=offered) as socket:
                await socket.send("in-frame")
                await socket.recv()
    assert '"WebSocket /?token=in-query" [accepted]' in log.getvalue()
    for place in ("in-header", "in-cookie", "in-subprotocol", "in-frame"):
        assert place not in log.getvalue()


@proof
async def a_subprotocol_is_agreed_only_if_accept_names_it():
    class Choosing(Echo):
        async def connect(self):
            await self.accept(subprotocol=chosen)

    async with serving(Choosing.as_asgi()) as (host, _):
        for chosen in (None, "chat", "secret"):
            async with connect(f"ws://{host}/", subprotocols=["chat", "secret"]) as socket:
                assert socket.response.headers.get("Sec-WebSocket-Protocol") == chosen
                assert socket.subprotocol == chosen
        chosen = "never-offered"
        with pytest.raises(NegotiationError):
            await connect(f"ws://{host}/", subprotocols=["chat"])


# ---- The scope


@proof
async def channels_copies_the_scope_on_its_way_in():
    inner = {}

    async def write(scope, receive, send):
        scope["user"] = "somebody"
        inner.update(scope)

    outer = {"type": "websocket", "path": "/", "headers": []}
    await AuthMiddlewareStack(URLRouter([path("", write)]))(outer, None, None)
    assert inner["user"] == "somebody"
    assert outer == {"type": "websocket", "path": "/", "headers": []}


@proof
async def a_consumers_answers_are_three_messages():
    class Answering(AsyncWebsocketConsumer):
        async def connect(self):
            await self.accept()
            await self.send("text")
            await self.close(4401)

    tab = WebsocketCommunicator(Answering.as_asgi(), "/")
    await tab.send_input({"type": "websocket.connect"})
    answers = [await tab.receive_output() for _ in range(3)]
    assert [answer["type"] for answer in answers] == [
        "websocket.accept",
        "websocket.send",
        "websocket.close",
    ]
    assert (answers[1]["text"], answers[2]["code"]) == ("text", 4401)


@proof
async def only_a_session_asks_by_itself_whether_its_user_is_active():
    async with database_file():
        user, token = await make_person()
        cookie = await log_in(user)
        assert (await scope_of(cookie))["user"] == user
        await get_user_model().objects.filter(pk=user.pk).aupdate(is_active=False)
        assert (await scope_of(cookie))["user"].is_anonymous
        found = await Token.objects.select_related("user").aget(digest=digest_of(token))
        assert found.user == user


@proof
async def whoever_overwrites_the_user_forgets_the_session():
    """And lets a bad token in."""

    class Usual:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            from django.contrib.auth.models import AnonymousUser

            scope = {**scope, "user": AnonymousUser()}  # no token, or a bad one
            await self.app(scope, receive, send)

    class WhoAmI(AsyncWebsocketConsumer):
        async def receive(self, text_data=None, bytes_data=None):
            await self.send(str(self.scope["user"]))

    async with database_file():
        user, _ = await make_person()
        cookie = await log_in(user)
        for door, name in ((WhoAmI.as_asgi(), "ann"), (Usual(WhoAmI.as_asgi()), "AnonymousUser")):
            headers = [(b"cookie", cookie.encode())]
            tab = WebsocketCommunicator(AuthMiddlewareStack(door), "/?token=WRONG", headers=headers)
            assert (await tab.connect())[0]
            await tab.send_to(text_data="who am I?")
            assert await tab.receive_from() == name
            await tab.disconnect()


# ---- The refusal


@proof
async def a_close_before_accept_is_a_403_without_the_code():
    class Early(AsyncWebsocketConsumer):
        async def connect(self):
            await self.close(4401)

    class Late(AsyncWebsocketConsumer):
        async def connect(self):
            await self.accept()
            await self.close(4401)

    async with serving(Early.as_asgi()) as (host, _):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{host}/")
        assert refused.value.response.status_code == 403
        assert b"4401" not in refused.value.response.serialize()
    async with serving(Late.as_asgi()) as (host, _):
        async with connect(f"ws://{host}/") as socket:
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 4401


# ---- What is stored, and how it is found


@proof
async def a_password_is_hashed_slowly_and_never_twice_alike():
    assert PBKDF2PasswordHasher.iterations == 1_000_000
    with mock.patch.object(PBKDF2PasswordHasher, "iterations", 1):
        assert make_password("tea-time") != make_password("tea-time")
    secret = new_secret()
    assert len(secret) == 43  # 32 bytes, 6 bits in a letter
    assert digest_of(secret) == digest_of(secret) != digest_of(new_secret())


@proof
async def a_foreign_key_that_was_not_fetched_blocks():
    async with database_file():
        _, token = await make_person()
        wanted = Token.objects.filter(digest=digest_of(token))  # asks nothing yet
        found = await wanted.afirst()
        with pytest.raises(SynchronousOnlyOperation):
            found.user  # noqa: B018
        with pytest.raises(SynchronousOnlyOperation, match="from an async context"):
            wanted.first()
        assert (await wanted.select_related("user").afirst()).user.username == "ann"
        assert await Token.objects.filter(digest="").afirst() is None


@proof
async def the_async_orm_does_what_the_page_shows():
    program = (SNIPPETS / "async_orm.py").read_text(encoding="utf-8")
    async with database_file():
        await Group.objects.acreate(name="night shift")
        names = {}
        exec(program, names)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            await names["ask"]()
    assert printed.getvalue().split() == ["user", "1"]


@proof
async def look_ups_of_all_websockets_take_turns_in_one_thread():
    threads = []
    execute = SQLCompiler.execute_sql

    def noted(*arguments, **options):
        threads.append(threading.get_ident())
        return execute(*arguments, **options)

    def look():
        return get_user_model().objects.get(username="ann")

    class Looking(AsyncWebsocketConsumer):
        async def receive(self, text_data=None, bytes_data=None):
            if text_data == "async ORM":
                await get_user_model().objects.aget(username="ann")
            else:
                await database_sync_to_async(look)()
            await self.send("found")

    async with (
        database_file(),
        serving(Looking.as_asgi()) as (host, _),
        contextlib.AsyncExitStack() as s,
    ):
        await make_person()
        with mock.patch.object(SQLCompiler, "execute_sql", noted):
            tabs = [await s.enter_async_context(connect(f"ws://{host}/")) for _ in range(5)]
            for way in ("async ORM", "database_sync_to_async"):
                await asyncio.gather(*(tab.send(way) for tab in tabs))
                await asyncio.gather(*(tab.recv() for tab in tabs))
    assert len(threads) == 10
    assert len(set(threads)) == 1


@proof
async def one_of_eight_deletes_the_row():
    async with database_file():
        user, _ = await make_person()
        soon = timezone.now() + timedelta(hours=1)
        await Ticket.objects.acreate(digest="d", user=user, room="tea", expires_at=soon)
        ticket = Ticket.objects.filter(digest="d")
        together = threading.Barrier(8, timeout=SECONDS)

        def spend():
            assert ticket.all().first() is not None
            together.wait()  # all eight have found it
            return ticket.all().delete()[0]

        with ThreadPoolExecutor(8) as threads:
            each = database_sync_to_async(spend, thread_sensitive=False, executor=threads)
            assert sorted(await asyncio.gather(*(each() for _ in range(8)))) == [0] * 7 + [1]


# ---- Afterwards


@proof
async def nothing_ends_an_open_connection_by_itself():
    async with database_file(), serving(AuthMiddlewareStack(Echo.as_asgi())) as (host, _):
        user, _ = await make_person()
        cookie = await log_in(user)
        async with connect(f"ws://{host}/", additional_headers={"Cookie": cookie}) as tab:
            await get_user_model().objects.filter(pk=user.pk).aupdate(is_active=False)
            await SessionStore(cookie.partition("=")[2]).adelete()
            await tab.send("still here")
            assert await tab.recv() == "still here"


@proof
async def recheck_ends_what_was_revoked():
    module = further("recheck")
    door = KnownVisitorsOnly(module["WhileWelcome"](ChatConsumer.as_asgi()))
    module["WhileWelcome"].__call__.__globals__["REVOKE_WITHIN"] = 0.1
    async with database_file(), serving(at_the_room(door)) as (host, _):
        _, token = await make_person()
        shown = {"Authorization": f"Bearer {token}"}
        async with connect(f"ws://{host}{ROOM}", additional_headers=shown) as socket:
            assert await hears_ann(socket)
            await sync_to_async(call_command)("revoke_tokens", "ann")
            assert json.loads(await socket.recv())["code"] == "unauthorized"
            await socket.wait_closed()
            assert socket.close_code == 4401


@proof
async def a_task_that_is_begun_where_a_synchronous_consumer_sends_cannot_ask():
    class Synchronous(WebsocketConsumer):
        def receive(self, text_data=None, bytes_data=None):
            self.send(text_data)

    asked = []

    def begin_at_accept(app):
        async def around(scope, receive, send):
            async def noticing(message):
                await send(message)
                if message["type"] == "websocket.accept":
                    asked.append(asyncio.create_task(ask()))

            await app(scope, receive, noticing)

        return around

    async def ask():
        await open_by_now.wait()
        return await get_user_model().objects.acount()

    async with database_file():
        for consumer in (Echo, Synchronous):
            open_by_now = asyncio.Event()
            async with serving(begin_at_accept(consumer.as_asgi())) as (host, _):
                async with connect(f"ws://{host}/") as socket:
                    # Once something has come back, the call in which it was accepted is over.
                    await socket.send("hello")
                    await socket.recv()
                    open_by_now.set()
                    (came,) = await asyncio.gather(asked.pop(), return_exceptions=True)
            if consumer is Echo:
                assert came == 0
            else:
                assert "CurrentThreadExecutor" in str(came)


# ---- The ladder


def rung(name, middleware):
    """Return the project's door with one of the further ways in before it, and that way in."""
    door = further(name)[middleware](KnownVisitorsOnly(ChatConsumer.as_asgi()))
    return at_the_room(door), door


def further(name):
    """Return the names of the one module of `accounts` that an overlay adds."""
    place = PROJECT / "further" / name / "accounts" / f"{name}.py"
    return runpy.run_path(str(place), run_name=f"accounts.{name}")


def at_the_room(door):
    """Return an application with that door before its rooms."""
    return AuthMiddlewareStack(URLRouter([path("ws/chat/<str:room>/", door)]))


async def hears_ann(socket):
    """Whoever is connected is in the chat, as ann."""
    await socket.send('{"message": "hello"}')
    while "message" not in (frame := json.loads(await socket.recv())):
        assert frame["type"] == "online_count"
    return frame["user"] == "ann"


@proof
async def a_token_in_the_query_lets_in_and_is_logged():
    door, _ = rung("query_token", "TokenByQuery")
    with logged() as log:
        async with database_file(), serving(door) as (host, _):
            _, token = await make_person()
            async with connect(f"ws://{host}{ROOM}?token={token}") as socket:
                assert await hears_ann(socket)
    assert f'"WebSocket {ROOM}?token={token}" [accepted]' in log.getvalue()


@proof
async def a_token_among_the_subprotocols_lets_in_and_is_not_chosen():
    door, _ = rung("subprotocol", "TokenBySubprotocol")
    async with database_file(), serving(door) as (host, _):
        _, token = await make_person()
        async with connect(f"ws://{host}{ROOM}", subprotocols=["chat", token]) as socket:
            assert socket.subprotocol == "chat"
            assert await hears_ann(socket)


@proof
async def before_the_first_message_a_stranger_is_in_until_the_deadline():
    door, waiting = rung("first_message", "TokenByFirstMessage")
    async with database_file(), serving(door) as (host, _):
        _, token = await make_person()
        async with connect(f"ws://{host}{ROOM}") as socket:
            await socket.send(json.dumps({"token": token}))
            assert await hears_ann(socket)
        # The deadline is a name of its module.
        with mock.patch.dict(type(waiting).__call__.__globals__, DEADLINE=0):
            async with connect(f"ws://{host}{ROOM}") as silent:  # accepted, whoever it is
                assert json.loads(await silent.recv())["code"] == "unauthorized"
                await silent.wait_closed()
                assert silent.close_code == 4401


# ---- The experiment


async def run_program(name, host, **patches):
    """Return the lines that a program of the page prints, run against `host`."""
    program = (SNIPPETS / name).read_text(encoding="utf-8")
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch("sys.argv", [name, host]))
        for target, value in patches.values():
            stack.enter_context(mock.patch(target, value))
        return await lines_printed_by(program)


@contextlib.asynccontextmanager
async def demo():
    """Give Django a database with the demo's people in it."""
    quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    async with database_file():
        await get_channel_layer().flush()
        with quick:
            await sync_to_async(call_command)("demo", stdout=io.StringIO())
            yield


def unguarded():
    """Return the project's WebSocket side without its origin validator."""
    from chat.routing import websocket_urlpatterns

    return AuthMiddlewareStack(URLRouter(websocket_urlpatterns))


def beside_http(websocket):
    """Return an application that serves the project's pages, and WebSockets by `websocket`."""

    async def answer(scope, receive, send):
        chosen = websocket if scope["type"] == "websocket" else application
        await chosen(scope, receive, send)

    return answer


@proof
async def the_validator_refuses_another_host_and_no_other_port():
    async with demo(), serving(application) as (host, _):
        assert await run_program("hijack.py", host) == [
            f"ann: I like http://{host}",
            "ann: I like http://127.0.0.1:9000",
            f"{ELSEWHERE} is refused: HTTP 403",
        ]


@proof
async def without_the_validator_a_foreign_page_is_ann():
    async with demo(), serving(beside_http(unguarded())) as (host, _):
        assert await run_program("hijack.py", host) == [
            f"ann: I like http://{host}",
            "ann: I like http://127.0.0.1:9000",
            f"ann: I like {ELSEWHERE}",
        ]


@proof
async def a_list_of_whole_origins_refuses_another_port():
    async with demo():
        async with serving(None) as (host, _):
            guarded = OriginValidator(unguarded(), [f"http://{host}"])
        async with serving(beside_http(guarded)) as (host, _):
            assert await run_program("hijack.py", host) == [
                f"ann: I like http://{host}",
                "http://127.0.0.1:9000 is refused: HTTP 403",
                f"{ELSEWHERE} is refused: HTTP 403",
            ]


@proof
async def a_program_with_a_token_says_hello():
    async with database_file(), serving(application) as (host, _):
        await get_channel_layer().flush()
        _, token = await make_person()
        first, second = await run_program(
            "say_hello.py", host, _=("getpass.getpass", lambda _: token)
        )
        assert json.loads(first) == {"type": "online_count", "count": 1, "tabs": 1}
        assert json.loads(second) == {"message": "hello", "user": "ann"}
        first, second = await run_program(
            "say_hello.py", host, _=("getpass.getpass", lambda _: "x")
        )
        assert json.loads(first)["code"] == "unauthorized"
        assert second == "closed with 4401"


# ---- Mistakes


@proof
async def a_query_is_bytes_that_dict_does_not_read():
    with pytest.raises(TypeError, match="cannot convert dictionary update sequence element #0"):
        dict(b"ticket=x")
    assert dict(b"") == {}
    assert parse_qs(b"ticket=x").get("ticket") is None
    assert parse_qs("ticket=x").get("ticket") == ["x"]
    with pytest.raises(IndexError, match="list index out of range"):
        str.split("Bearer")[1]
    assert [len(text.partition(" ")) for text in ("", "Bearer", "Bearer x y")] == [3, 3, 3]


@proof
async def a_coroutine_is_true_and_is_no_user():
    async with database_file():
        user, token = await make_person()
        found = find_user(token)
        assert found
        with pytest.raises(AttributeError, match="'coroutine' object has no attribute"):
            found.get_username()
        assert await found == user


@proof
async def aget_raises_and_afirst_returns_none():
    async with database_file():
        assert await Token.objects.afirst() is None
        with pytest.raises(Token.DoesNotExist, match="Token matching query does not exist"):
            await Token.objects.aget()


@proof
async def an_empty_value_is_dropped_unless_it_is_kept():
    assert parse_qsl("ticket=") == []
    assert parse_qsl("ticket=", keep_blank_values=True) == [("ticket", "")]


@proof
async def what_is_not_utf_8_is_a_500():
    async def decode(scope, receive, send):
        for name, value in scope["headers"]:
            if name == b"authorization":
                value.decode()

    async with serving(decode) as (host, log):
        reader, writer = await asyncio.open_connection(*host.split(":"))
        writer.write(
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Authorization: Bearer \xff\r\n\r\n"
        )
        assert b" 500 " in await reader.readline()
        assert isinstance(await log.next(), UnicodeDecodeError)
        writer.close()
    assert b"\xff".decode("latin-1") == "ÿ"


@proof
async def a_middleware_in_the_wrong_place_misses_its_keys():
    door = KnownVisitorsOnly(ChatConsumer.as_asgi())
    scope = WebsocketCommunicator(door, f"{ROOM}?ticket=x").scope
    with pytest.raises(KeyError, match="'url_route'"):
        await AuthMiddlewareStack(door)(scope, None, None)
    with pytest.raises(KeyError, match="'user'"):
        await door({**scope, "query_string": b""}, None, None)


@proof
async def without_migrate_there_is_no_table():
    async with database_file(migrate=True):
        await sync_to_async(call_command)("migrate", "accounts", "zero", verbosity=0)
        with pytest.raises(OperationalError, match="no such table: accounts_token"):
            await Token.objects.afirst()


@proof
async def a_communicator_takes_a_query_and_shows_the_refusal_after_accept():
    async with database_file():
        tab = WebsocketCommunicator(
            application, f"{ROOM}?ticket=x", headers=[(b"origin", b"http://localhost")]
        )
        assert tab.scope["query_string"] == b"ticket=x"
        assert await tab.connect() == (True, None)
        assert json.loads(await tab.receive_from())["code"] == "unauthorized"
        assert (await tab.receive_output()) == {"type": "websocket.close", "code": 4401}


if __name__ == "__main__":
    report()
