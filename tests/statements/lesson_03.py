"""What the page of lesson 03 says about Channels, uvicorn and Python, proved by running it.

Which sentence each proof belongs to stands in `lesson_03.toml`; `tests/test_statements.py` runs this
file in a process of its own, because Django's settings are global.
"""

import asyncio
import contextlib
import gc
import json
import sys
import warnings
from urllib.parse import quote

import pytest
from proving import proof, report, serving, use_project

use_project("03_chat_consumer")

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import InMemoryChannelLayer, get_channel_layer  # noqa: E402
from channels.routing import URLRouter  # noqa: E402
from channels.testing import WebsocketCommunicator  # noqa: E402
from django.urls import path  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402
from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402

from chat.consumers import ChatConsumer  # noqa: E402
from config.asgi import application  # noqa: E402

SAME_HOST = [(b"origin", b"http://127.0.0.1")]


class Chat(AsyncWebsocketConsumer):
    """A chat as short as it gets, for the proofs to vary."""

    async def connect(self):
        await self.channel_layer.group_add("room", self.channel_name)
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send("room", {"type": "chat.message", "text": text_data})

    async def chat_message(self, event):
        await self.send(event["text"])

    async def disconnect(self, code):
        await self.channel_layer.group_discard("room", self.channel_name)


@contextlib.asynccontextmanager
async def chat(consumer):
    """Serve a consumer at `/<room>/`, on an empty layer; give the WebSocket address and the log."""
    await get_channel_layer().flush()
    async with serving(URLRouter([path("<str:room>/", consumer.as_asgi())])) as (host, log):
        yield f"ws://{host}", log


async def close_code(tab):
    """Return the code with which the server ends the connection."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await tab.recv()
    return tab.close_code


async def refusal(url, **options):
    """Return the HTTP status with which the handshake is refused."""
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, **options)
    return refused.value.response.status_code


async def run_python(program):
    """Start a Python program in another process, with pipes to it."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), asyncio.subprocess.PIPE)
    return await asyncio.create_subprocess_exec(sys.executable, "-c", program, **pipes)


# ---- One tab, one consumer


@proof
async def each_connection_has_an_instance_and_an_address():
    seen = []

    class Noting(Chat):
        async def connect(self):
            seen.append((self, self.channel_name))
            await super().connect()

    async with chat(Noting) as (url, _), connect(f"{url}/tea/"), connect(f"{url}/tea/"):
        (ann, ann_address), (bob, bob_address) = seen
        assert ann is not bob
        assert ann_address != bob_address


@proof
async def send_reaches_one_tab():
    class Selfish(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            await self.send(text_data)

    async with (
        chat(Selfish) as (url, _),
        connect(f"{url}/tea/") as ann,
        connect(f"{url}/tea/") as bob,
    ):
        await ann.send("only me")
        assert await ann.recv() == "only me"
        await bob.send("sentinel")
        assert await bob.recv() == "sentinel"


@proof
async def nothing_is_answered_before_accept():
    class Silent(AsyncWebsocketConsumer):
        async def connect(self):
            connected.set()

    connected = asyncio.Event()
    answers = []
    inbox = asyncio.Queue()

    async def answer(message):
        answers.append(message)

    await inbox.put({"type": "websocket.connect"})
    call = asyncio.create_task(Silent.as_asgi()({"type": "websocket"}, inbox.get, answer))
    await connected.wait()
    await inbox.put({"type": "websocket.disconnect", "code": 1006})
    await call
    assert answers == []


@proof
async def a_consumer_does_one_thing_at_a_time():
    class Slow(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            if text_data == "slow":
                waiting.set()
                await go_on.wait()
            await super().receive(text_data, bytes_data)

    waiting, go_on = asyncio.Event(), asyncio.Event()
    async with chat(Slow) as (url, _), connect(f"{url}/tea/") as ann, connect(f"{url}/tea/") as bob:
        await ann.send("slow")
        await ann.send("next")
        await waiting.wait()
        # Bob is served, and Ann has an event from him in her mailbox before she goes on.
        await bob.send("from bob")
        assert await bob.recv() == "from bob"
        go_on.set()
        heard = [await bob.recv(), await bob.recv()]
        assert heard == ["slow", "next"]
        assert {await ann.recv() for _ in range(3)} == {"from bob", "slow", "next"}


@proof
async def events_wait_for_the_handler_too():
    class Slow(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            waiting.set()
            await go_on.wait()
            await self.send("handler done")

    waiting, go_on = asyncio.Event(), asyncio.Event()
    async with chat(Slow) as (url, _), connect(f"{url}/tea/") as ann:
        await ann.send("slow")
        await waiting.wait()
        await get_channel_layer().group_send("room", {"type": "chat.message", "text": "event"})
        go_on.set()
        assert [await ann.recv(), await ann.recv()] == ["handler done", "event"]


# ---- The end of a connection


class NotingTheEnd(Chat):
    """Puts the code that `disconnect` was given, or None, into a queue when it is quite gone."""

    ends: asyncio.Queue
    code = None

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.ends.put_nowait(self.code)

    async def disconnect(self, code):
        self.code = code
        await super().disconnect(code)


@proof
async def disconnect_is_given_a_code():
    class Careless(NotingTheEnd):
        ends = asyncio.Queue()

        async def disconnect(self):
            pass

    async with chat(Careless) as (url, log):
        async with connect(f"{url}/tea/") as tab:
            pass
        assert tab.close_code == 1000
        await Careless.ends.get()
        assert len(get_channel_layer().groups["room"]) == 1
    assert "takes 1 positional argument but 2 were given" in str(log.exceptions)


@proof
async def half_a_pair_cannot_be_sent_as_it_is():
    half = '{"message": "\\ud83d"}'

    class Escaped(Chat):
        async def chat_message(self, event):
            await self.send(json.dumps(json.loads(event["text"])))

    class AsItIs(Chat):
        async def chat_message(self, event):
            await self.send(json.dumps(json.loads(event["text"]), ensure_ascii=False))

    async with chat(Escaped) as (url, _), connect(f"{url}/tea/") as ann:
        await ann.send(half)
        assert await ann.recv() == half
    async with (
        chat(AsItIs) as (url, log),
        connect(f"{url}/tea/") as ann,
        connect(f"{url}/tea/") as bob,
    ):
        await ann.send(half)
        assert [await close_code(tab) for tab in (ann, bob)] == [1006, 1006]
    assert "surrogates not allowed" in str(log.exceptions)


@proof
async def an_exception_cuts_the_connection_without_disconnect():
    class Fragile(NotingTheEnd):
        ends = asyncio.Queue()

        async def receive(self, text_data):
            await self.send(json.loads(text_data)["message"])

    async with chat(Fragile) as (url, log):
        for frame in ("{", "{}", "[]", b"\x00"):
            async with connect(f"{url}/tea/") as tab:
                await tab.send(frame)
                assert await close_code(tab) == 1006
    assert [type(error).__name__ for error in log.exceptions] == [
        "JSONDecodeError",
        "KeyError",
        "TypeError",
        "TypeError",
    ]
    assert str(log.exceptions[1]) == "'message'"
    assert "got an unexpected keyword argument 'bytes_data'" in str(log.exceptions[3])
    assert [await Fragile.ends.get() for _ in range(4)] == [None] * 4
    assert len(get_channel_layer().groups["room"]) == 4


@proof
async def disconnect_follows_a_close_and_a_lost_network():
    class Ending(NotingTheEnd):
        ends = asyncio.Queue()

    async with chat(Ending) as (url, _):
        async with connect(f"{url}/tea/"):
            pass
        assert await Ending.ends.get() == 1000
        tab = await connect(f"{url}/tea/")
        tab.transport.abort()
        assert await Ending.ends.get() in (1005, 1006)
    assert get_channel_layer().groups == {}


@proof
async def a_close_before_accept_is_a_403_without_the_code():
    class Early(NotingTheEnd):
        ends = asyncio.Queue()

        async def connect(self):
            await self.close(4400)

    class Late(Early):
        async def connect(self):
            await self.accept()
            await self.close(4400)

    async with chat(Early) as (url, _):
        assert await refusal(f"{url}/tea/") == 403
        assert await Early.ends.get() == 1006
    async with chat(Late) as (url, _), connect(f"{url}/tea/") as tab:
        assert await close_code(tab) == 4400
        assert await Early.ends.get() == 4400


@proof
async def a_refused_room_comes_to_disconnect():
    class Unguarded(ChatConsumer):
        async def disconnect(self, code):
            ends.put_nowait((code, self.group))
            await self.channel_layer.group_discard(self.group, self.channel_name)

    ends = asyncio.Queue()
    async with chat(Unguarded) as (url, log), connect(f"{url}/{'x' * 201}/") as tab:
        assert await close_code(tab) == 4400
        assert await ends.get() == (4400, None)
        assert isinstance(await log.next(), TypeError)


# ---- Groups and events


@proof
async def group_send_reaches_the_sender_too():
    async with chat(Chat) as (url, _), connect(f"{url}/tea/") as ann, connect(f"{url}/tea/") as bob:
        await ann.send("hello")
        assert await ann.recv() == "hello"
        assert await bob.recv() == "hello"


@proof
async def a_period_in_the_type_becomes_an_underscore():
    async with chat(Chat) as (url, _), connect(f"{url}/tea/") as ann:
        layer = get_channel_layer()
        await layer.group_send("room", {"type": "chat.message", "text": "period"})
        assert await ann.recv() == "period"


@proof
async def an_event_without_a_handler_cuts_off_the_room():
    class Misspelt(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            await self.channel_layer.group_send("room", {"type": "chat.mesage"})

    async with (
        chat(Misspelt) as (url, log),
        connect(f"{url}/a/") as ann,
        connect(f"{url}/a/") as bob,
    ):
        await ann.send("hello")
        assert [await close_code(ann), await close_code(bob)] == [1006, 1006]
    assert log.lines() == ["ValueError: No handler for message type chat.mesage"] * 2


@proof
async def a_client_that_chooses_the_type_throws_everybody_out():
    class Trusting(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            await self.channel_layer.group_send("room", json.loads(text_data))

    async with (
        chat(Trusting) as (url, log),
        connect(f"{url}/a/") as eve,
        connect(f"{url}/a/") as bob,
    ):
        await eve.send('{"type": "websocket.disconnect"}')
        assert [await close_code(eve), await close_code(bob)] == [1006, 1006]
    assert log.lines() == ["KeyError: 'code'"] * 2


@proof
async def without_await_nobody_joins():
    class Forgetful(Chat):
        async def connect(self):
            self.channel_layer.group_add("room", self.channel_name)
            await self.accept()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with chat(Forgetful) as (url, _), connect(f"{url}/tea/"):
            assert get_channel_layer().groups == {}
        gc.collect()
    told = [f"{warning.category.__name__}: {warning.message}" for warning in caught]
    assert "RuntimeWarning: coroutine 'InMemoryChannelLayer.group_add' was never awaited" in told


@proof
async def a_group_name_is_narrow():
    class Naive(Chat):
        async def connect(self):
            room = self.scope["url_route"]["kwargs"]["room"]
            await self.channel_layer.group_add(f"chat_{room}", self.channel_name)
            await self.accept()

    async with chat(Naive) as (url, log):
        for room in ("tea", "my-room", "a_b.c", "x" * 94):
            async with connect(f"{url}/{room}/"):
                pass
        for room in ("комната", "a b", "x" * 95):
            assert await refusal(f"{url}/{quote(room)}/") == 500
    rule = (
        "TypeError: Group name must be a valid unicode string with length < 100 containing only "
        "ASCII alphanumerics, hyphens, underscores, or periods."
    )
    assert log.lines() == [rule] * 3


@proof
async def a_room_arrives_decoded_and_without_a_slash():
    class Telling(Chat):
        async def connect(self):
            await self.accept()
            await self.send(self.scope["url_route"]["kwargs"]["room"])

    async with chat(Telling) as (url, log):
        for room in ("чай и кофе", "50%?#&=+", "🫖", "a b"):
            async with connect(f"{url}/{quote(room, safe='')}/") as tab:
                assert await tab.recv() == room
        assert await refusal(f"{url}/a/b/") == 500
    assert log.lines() == ["ValueError: No route found for path 'a/b/'."]


# ---- The channel layer


@proof
async def another_process_hears_nothing():
    program = """
import asyncio, sys
from channels.layers import InMemoryChannelLayer
async def main():
    layer = InMemoryChannelLayer()
    address = await layer.new_channel()
    await layer.group_add("room", address)
    print("joined", flush=True)
    sys.stdin.readline()
    await layer.group_send("room", {"type": "sentinel"})
    print((await layer.receive(address))["type"])
asyncio.run(main())
"""
    layer = get_channel_layer()
    await layer.flush()
    await layer.group_add("room", await layer.new_channel())
    other = await run_python(program)
    assert (await other.stdout.readline()).strip() == b"joined"
    await layer.group_send("room", {"type": "hello"})
    printed, _ = await other.communicate(b"\n")
    assert printed.strip() == b"sentinel"


@proof
async def of_150_events_in_one_go_101_arrive():
    class Flood(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            for number in range(150):
                event = {"type": "chat.message", "text": str(number)}
                await self.channel_layer.group_send("room", event)
            sent.set()

    sent = asyncio.Event()
    async with mailboxes_as_they_come(), chat(Flood) as (url, log), connect(f"{url}/tea/") as ann:
        await ann.send("go")
        await sent.wait()
        heard = [await ann.recv() for _ in range(101)]
        await get_channel_layer().group_send("room", {"type": "chat.message", "text": "sentinel"})
        assert await ann.recv() == "sentinel"
    assert heard == [str(number) for number in range(101)]
    assert log.exceptions == []


@contextlib.asynccontextmanager
async def mailboxes_as_they_come():
    """Let mailboxes be as large as they are where the settings say nothing."""
    layer = get_channel_layer()
    of_this_project, layer.capacity = layer.capacity, InMemoryChannelLayer().capacity
    yield
    assert (of_this_project, layer.capacity) == (1_000, 100)
    layer.capacity = of_this_project


@proof
async def forty_quick_messages_of_five_people_do_not_fit():
    async def talk(tab):
        for number in range(40):
            await tab.send(str(number))

    async with (
        mailboxes_as_they_come(),
        chat(Chat) as (url, log),
        contextlib.AsyncExitStack() as all,
    ):
        tabs = [
            await all.enter_async_context(connect(f"{url}/tea/", max_queue=None)) for _ in range(5)
        ]
        await asyncio.gather(*(talk(tab) for tab in tabs))
        heard = 0
        # Each says that it is done, and again if that was lost too.
        unheard = {f"done {number}": tab for number, tab in enumerate(tabs)}
        while unheard:
            await asyncio.gather(*(tab.send(text) for text, tab in unheard.items()))
            with contextlib.suppress(TimeoutError):
                while unheard:
                    text = await asyncio.wait_for(tabs[0].recv(), 1)
                    heard += text.isdigit()
                    unheard.pop(text, None)
    assert heard < 200
    assert log.exceptions == []


@proof
async def sending_to_a_tab_that_has_gone_skips_disconnect():
    class Late(NotingTheEnd):
        ends = asyncio.Queue()

        async def receive(self, text_data=None, bytes_data=None):
            try:
                while True:
                    await self.send("are you there?")
                    await asyncio.sleep(0.001)
            except OSError:
                raised.set()
                raise

    raised = asyncio.Event()
    async with chat(Late) as (url, _):
        tab = await connect(f"{url}/tea/")
        await tab.send("go")
        await tab.recv()
        tab.transport.abort()
        assert await Late.ends.get() is None
        assert raised.is_set()
        assert len(get_channel_layer().groups["room"]) == 1


@proof
async def ghosts_stay_until_the_layer_cleans_up():
    class Staying(NotingTheEnd):
        ends = asyncio.Queue()

        async def disconnect(self, code):
            pass

    async with chat(Staying) as (url, _):
        async with connect(f"{url}/tea/"):
            pass
        await Staying.ends.get()
    layer = get_channel_layer()
    ((ghost, _),) = layer.groups["room"].items()
    await layer.group_send("room", {"type": "chat.message", "text": "for nobody"})
    assert layer.channels[ghost].qsize() == 1
    assert (layer.expiry, layer.group_expiry) == (60, 86400)
    # The same with times that are over already.
    for past in ({"expiry": -1}, {"group_expiry": -1}):
        layer = InMemoryChannelLayer(**past)
        await layer.group_add("room", ghost)
        await layer.group_send("room", {"type": "chat.message"})
        await layer.group_send("room", {"type": "chat.message"})
        assert ghost not in layer.groups["room"]


@proof
async def a_membership_expires_though_the_tab_is_there():
    async def say(text):
        await layer.group_send("room", {"type": "chat.message", "text": text})

    class Rejoining(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            if text_data == "join again":
                await self.channel_layer.group_add("room", self.channel_name)
            await self.send(f"done: {text_data}")

    layer = get_channel_layer()
    assert layer.group_expiry == 86_400
    async with chat(Rejoining) as (url, log), connect(f"{url}/tea/") as ann:
        await say("in time")
        assert await ann.recv() == "in time"
        ((address, joined),) = layer.groups["room"].items()
        layer.groups["room"][address] = joined - 86_402
        await say("a day later")
        await ann.send("hello")
        assert await ann.recv() == "done: hello"
        await ann.send("join again")
        assert await ann.recv() == "done: join again"
        await say("heard")
        assert await ann.recv() == "heard"
    assert log.exceptions == []


@proof
async def nobody_limits_a_message_below_16_mib():
    async with chat(Chat) as (url, _), connect(f"{url}/tea/", max_size=None) as ann:
        await ann.send("x" * 2_000_000)
        assert len(await ann.recv()) == 2_000_000
        await ann.send("x" * (16 * 2**20 + 1))
        assert await close_code(ann) == 1009


# ---- Receiving


@proof
async def receive_gets_text_or_bytes():
    class Telling(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            await self.send(repr((text_data, bytes_data)))

    async with chat(Telling) as (url, _), connect(f"{url}/tea/") as tab:
        await tab.send("text")
        assert await tab.recv() == "('text', None)"
        await tab.send(b"\x00")
        assert await tab.recv() == r"(None, b'\x00')"


@proof
async def json_loads_raises_two_kinds():
    with pytest.raises(ValueError, match="Expecting"):
        json.loads("{")
    with pytest.raises(RecursionError):
        json.loads("[" * 60_000)


# ---- Testing


@proof
async def a_bare_consumer_knows_no_room():
    tab = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/chat/tea/")
    with pytest.raises(KeyError, match="'url_route'"):
        await tab.connect()


@proof
async def the_application_wants_an_origin_from_a_communicator_too():
    stranger = WebsocketCommunicator(application, "/ws/chat/tea/")
    assert (await stranger.connect())[0] is False
    tab = WebsocketCommunicator(application, "/ws/chat/tea/", headers=SAME_HOST)
    assert (await tab.connect())[0] is True
    await tab.disconnect()


@proof
async def groups_outlive_a_test():
    layer = get_channel_layer()
    await layer.flush()
    tab = WebsocketCommunicator(application, "/ws/chat/tea/", headers=SAME_HOST)
    await tab.connect()
    tab.stop(exceptions=False)  # what happens to a communicator that a test leaves behind
    assert len(layer.groups) == 1
    await layer.flush()
    assert layer.groups == {}


@proof
async def receive_nothing_is_content_with_a_crash():
    class Crashing(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            raise ZeroDivisionError

    tab = WebsocketCommunicator(Crashing.as_asgi(), "/tea/")
    await tab.connect()
    await tab.send_to(text_data="hello")
    assert await tab.receive_nothing()
    with pytest.raises(ZeroDivisionError):
        await tab.wait()


@proof
async def channels_testing_imports_daphne():
    program = "import sys; sys.modules['daphne'] = None; import channels.testing"
    run = await run_python(program)
    _, errors = await run.communicate()
    assert run.returncode != 0
    assert b"from daphne.testing import" in errors


if __name__ == "__main__":
    report()
