"""What the page of lesson 04 says about Channels, Django and uvicorn, proved by running it.

Which sentence each proof belongs to stands in `lesson_04.toml`; `tests/test_statements.py` runs this
file in a process of its own, because Django's settings are global.
"""

import asyncio
import sys
from unittest import mock

import pytest
from proving import REPOSITORY, database, lines_printed_by, proof, report, serving, use_project

use_project("04_online_counter")

from asgiref.sync import sync_to_async  # noqa: E402
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from channels.testing import WebsocketCommunicator  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth.models import AnonymousUser  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import OperationalError  # noqa: E402
from django.test import Client  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402
from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402

from chat import presence  # noqa: E402
from chat.consumers import ChatConsumer  # noqa: E402
from config.asgi import application  # noqa: E402

PROJECT = REPOSITORY / "lessons" / "04_online_counter"
SNIPPETS = REPOSITORY / "docs" / "snippets" / "04_online_counter"
SAME_HOST = (b"origin", b"http://127.0.0.1")


@sync_to_async
def get(client, path):
    """Have Django's test client GET a page, in a thread."""
    return client.get(path)


class Ending(AsyncWebsocketConsumer):
    """Notes with what code `disconnect` was called, None if it was not, when its life is over."""

    ends: asyncio.Queue
    code = None

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.ends.put_nowait(self.code)

    async def receive(self, text_data=None, bytes_data=None):
        raise ZeroDivisionError

    async def disconnect(self, code):
        self.code = code


async def scope_of(cookie=None):
    """Return what a consumer beneath `AuthMiddlewareStack` finds in its scope."""
    headers = [(b"cookie", cookie.encode())] if cookie else []
    found = {}

    async def note(scope, receive, send):
        found.update(scope)

    await AuthMiddlewareStack(note)({"type": "websocket", "headers": headers}, None, None)
    return found


# ---- State and its steps


@proof
async def a_module_is_shared_by_the_consumers_of_a_process():
    await get_channel_layer().flush()
    async with serving(application) as (host, _):
        url, origin = f"ws://{host}/ws/chat/tea/", f"http://{host}"
        async with connect(url, origin=origin) as ann, connect(url, origin=origin):
            while '"tabs": 2' not in await ann.recv():
                pass


@proof
async def two_processes_keep_two_rosters():
    await presence.enter("group", "tab", "ann")
    program = "from chat import presence; print(presence._count('group'))"
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await run.communicate()
    assert printed.strip() == b"Online(people=0, tabs=0, at=1)"
    assert (await presence.leave("group", "nobody", "nobody"))[:2] == (1, 1)
    assert (await presence.leave("group", "tab", "ann"))[:2] == (0, 0)


@proof
async def a_step_without_await_is_not_interrupted():
    totals = {"whole": 0, "torn": 0}

    async def join():
        totals["whole"] += 1
        read = totals["torn"]
        await asyncio.sleep(0)
        totals["torn"] = read + 1

    await asyncio.gather(*(join() for _ in range(100)))
    assert totals == {"whole": 100, "torn": 1}


@proof
async def an_event_may_be_overtaken_and_is_passed_over_then():
    layer = get_channel_layer()
    await layer.flush()
    first_is_on_its_way, second_is_there = asyncio.Event(), asyncio.Event()
    deliver = layer.group_send

    async def first_is_slow(group, event):
        if event.get("online", [0])[0] == 2:
            first_is_on_its_way.set()
            await second_is_there.wait()
        await deliver(group, event)
        if event.get("online", [0])[0] == 3:
            second_is_there.set()

    async with serving(application) as (host, _):
        url, origin = f"ws://{host}/ws/chat/tea/", f"http://{host}"
        async with connect(url, origin=origin) as ann:
            assert '"count": 1' in await ann.recv()
            with mock.patch.object(layer, "group_send", first_is_slow):
                async with connect(url, origin=origin):
                    await first_is_on_its_way.wait()
                    async with connect(url, origin=origin):
                        # Both have arrived by then, the second one first.
                        assert '"count": 3' in await ann.recv()
                        await ann.send('{"message": "what next?"}')
                        assert "what next?" in await ann.recv()


# ---- The end of a connection


@proof
async def disconnect_follows_every_end_but_an_exception():
    class Refusing(Ending):
        async def connect(self):
            await self.close()

    ends = Ending.ends = asyncio.Queue()
    async with serving(Ending.as_asgi()) as (host, log):
        async with connect(f"ws://{host}/"):
            pass
        assert await ends.get() == 1000
        tab = await connect(f"ws://{host}/")
        tab.transport.abort()
        assert await ends.get() is not None
        tab = await connect(f"ws://{host}/")
        await tab.send("raise, please")
        with pytest.raises(ConnectionClosed):
            await tab.recv()
        assert await ends.get() is None
        assert isinstance(log.exceptions[0], ZeroDivisionError)
    async with serving(Refusing.as_asgi()) as (host, _):
        with pytest.raises(InvalidStatus):
            await connect(f"ws://{host}/")
        assert await ends.get() == 1006


@proof
async def sending_to_a_lost_tab_ends_the_consumer_without_disconnect():
    class Late(Ending):
        async def receive(self, text_data=None, bytes_data=None):
            tab.transport.abort()
            while True:  # until the server has noticed
                await self.send("are you there?")
                await asyncio.sleep(0)

    ends = Ending.ends = asyncio.Queue()
    async with serving(Late.as_asgi()) as (host, log):
        tab = await connect(f"ws://{host}/")
        await tab.send("hello")
        assert await ends.get() is None
        assert log.exceptions == []


@proof
async def a_finally_around_call_sees_an_exception():
    ends = Ending.ends = asyncio.Queue()
    tab = WebsocketCommunicator(Ending.as_asgi(), "/")
    await tab.connect()
    assert ends.empty()  # it lasts as long as the connection
    await tab.send_to(text_data="raise, please")
    with pytest.raises(ZeroDivisionError):
        await tab.wait()
    assert ends.get_nowait() is None


@proof
async def group_add_may_fail_before_anything_is_accepted():
    class Early(ChatConsumer):
        async def connect(self):
            counted.append(self.channel_name)
            await super().connect()

        async def left(self):
            pass

    async def fail(group, channel):
        raise ConnectionError

    counted, layer = [], get_channel_layer()
    kept, layer.group_add = layer.group_add, fail
    for _ in range(3):
        tab = WebsocketCommunicator(AuthMiddlewareStack(Early.as_asgi()), "/")
        tab.scope["url_route"] = {"kwargs": {"room": "tea"}}
        with pytest.raises(ConnectionError):
            await tab.connect()
    layer.group_add = kept
    assert len(counted) == 3


# ---- Sessions and users


@proof
async def the_stack_fills_the_scope_and_lets_the_anonymous_in():
    scope = await scope_of()
    assert {"cookies", "session", "user"} <= scope.keys()
    assert str(scope["user"]) == str(AnonymousUser()) == "AnonymousUser"


@proof
async def a_session_that_is_not_known_has_no_key():
    name = settings.SESSION_COOKIE_NAME
    async with database():
        session = SessionStore()
        await session.acreate()
        assert (await scope_of())["session"].session_key is None
        assert (await scope_of(f"{name}=nobodyhasgiventhisout"))["session"].session_key is None
        known = (await scope_of(f"{name}={session.session_key}"))["session"].session_key
        assert known == session.session_key


@proof
async def an_empty_session_gets_no_cookie():
    async with database():
        client = Client(SERVER_NAME="127.0.0.1")
        await get(client, "/")
        assert settings.SESSION_COOKIE_NAME not in client.cookies
        await get(client, "/chat/tea/")
        assert client.cookies[settings.SESSION_COOKIE_NAME].value


@proof
async def without_the_stack_there_is_no_session():
    tab = WebsocketCommunicator(ChatConsumer.as_asgi(), "/")
    tab.scope["url_route"] = {"kwargs": {"room": "tea"}}
    await tab.connect()
    with pytest.raises(KeyError, match="'session'"):
        await tab.wait()


@proof
async def without_migrate_there_is_no_table():
    async with database():
        await sync_to_async(call_command)("migrate", "sessions", "zero", verbosity=0)
        with pytest.raises(OperationalError, match="no such table: django_session"):
            await get(Client(SERVER_NAME="127.0.0.1"), "/chat/tea/")


@proof
async def a_communicator_takes_a_cookie_as_bytes():
    async with database():
        session = SessionStore()
        await session.acreate()
        cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}".encode()
        headers = [SAME_HOST, (b"cookie", cookie)]
        tab = WebsocketCommunicator(application, "/ws/chat/tea/", headers=headers)
        await tab.connect()
        ((_tab, person),) = presence._groups.popitem()[1]
        assert person == session.session_key
        await tab.disconnect()


# ---- Messages of Python


@proof
async def a_missing_await_and_a_missing_async_have_errors_of_their_own():
    consumer = ChatConsumer()
    consumer.group, consumer.channel_layer = "group", get_channel_layer()
    forgotten = presence.enter("group", "tab", "ann")
    with pytest.raises(TypeError, match=r"Value after \* must be an iterable, not coroutine"):
        await consumer.tell_room(forgotten)
    with pytest.warns(RuntimeWarning, match="coroutine 'enter' was never awaited"):
        forgotten = None
    with pytest.raises(TypeError, match=r"object Online can't be (used in 'await' expr|awaited)"):
        await presence.Online(1, 1, 1)


# ---- The experiment


@proof
async def the_program_on_the_page_counts_six_in_one_process():
    program = (SNIPPETS / "roll_call.py").read_text(encoding="utf-8")
    await get_channel_layer().flush()
    async with serving(application) as (host, _):
        with mock.patch("sys.argv", ["roll_call.py", host]):
            printed = await lines_printed_by(program)
    assert printed == [f"tab {n}: 6 people" for n in range(6)]


if __name__ == "__main__":
    report()
