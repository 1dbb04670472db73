"""What those who run the chat rely on, tested in process.

Run them in the project's folder: `python -m pytest --ds=config.settings operations/tests.py`
"""

import asyncio

import fakeredis
import pytest
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model
from django.test import AsyncClient
from prometheus_client import REGISTRY
from redis.exceptions import RedisError

from chat import presence
from chat.away import TRY_AGAIN_LATER, TryAgainLater
from chat.consumers import ROOM_REFUSED, ChatConsumer

from . import slow, views
from .metrics import Counted


@pytest.fixture
async def redis(monkeypatch):
    """A stand-in for the Redis that is asked after."""
    redis = fakeredis.FakeAsyncRedis()
    monkeypatch.setattr(views, "redis", redis)
    yield redis
    await redis.aclose()


async def test_a_process_is_well(redis):
    assert (await AsyncClient().get("/healthz")).status_code == 200


async def test_a_process_without_redis_is_not(redis, monkeypatch):
    async def fail():
        raise RedisError("Connection refused")

    monkeypatch.setattr(redis, "ping", fail)
    assert (await AsyncClient().get("/healthz")).status_code == 503


async def test_metrics_are_in_the_format_of_prometheus():
    answer = await AsyncClient().get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert b"\nchat_connections 0.0\n" in answer.content


async def changed_by(app, *received):
    """Run `app` with those messages from a client; return by how much each metric has changed."""
    names = ["chat_connections", "chat_joins_total", "chat_messages_total", "chat_drops_total"]
    before = [REGISTRY.get_sample_value(name) for name in names]
    messages = iter(received)

    async def receive():
        return next(messages)

    async def send(message):
        pass

    try:
        await Counted(app)({}, receive, send)
    except ZeroDivisionError:
        pass
    after = [REGISTRY.get_sample_value(name) for name in names]
    return [new - old for old, new in zip(before, after, strict=True)]


async def until_the_end(scope, receive, send):
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def an_error(scope, receive, send):
    await send({"type": "websocket.accept"})
    raise ZeroDivisionError


async def test_what_is_counted():
    frame = {"type": "websocket.receive", "text": "hello"}
    closed = {"type": "websocket.disconnect", "code": 1001}
    broken_off = {"type": "websocket.disconnect", "code": 1005}
    assert await changed_by(until_the_end, frame, frame, closed) == [0, 1, 2, 0]
    assert await changed_by(until_the_end, broken_off) == [0, 1, 0, 1]
    assert await changed_by(an_error) == [0, 1, 0, 1]


async def never(message):
    """Send to a client that reads nothing, once it has been accepted."""
    if message["type"] != "websocket.accept":
        await asyncio.Event().wait()


def says(*texts, then=None):
    """Return an application that says all of it, then raises an exception or returns."""

    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        for text in texts:
            await send({"type": "websocket.send", "text": text})
            await asyncio.sleep(0)
        if then:
            raise then

    return app


async def drops_of(app, send):
    """Return how many clients were let go."""
    before = REGISTRY.get_sample_value("chat_drops_total")
    await slow.LetGoOfTheSlow(app)({}, None, send)
    return REGISTRY.get_sample_value("chat_drops_total") - before


async def test_when_too_much_waits_for_a_client_it_is_let_go(monkeypatch):
    monkeypatch.setattr(slow, "MOST_WAITING", 10)
    assert await drops_of(says("hello", "world", "!", then=ZeroDivisionError), never) == 1


async def test_what_waits_when_a_connection_ends_is_sent_and_for_a_while_only(monkeypatch):
    sent = []

    async def send_slowly(message):
        await asyncio.sleep(0)
        sent.append(message.get("text"))

    assert await drops_of(says("hello", "world"), send_slowly) == 0
    assert sent == [None, "hello", "world"]
    monkeypatch.setattr(slow, "PATIENCE", 0)
    assert await drops_of(says("hello", "world"), never) == 1


@pytest.mark.parametrize("word", [ConnectionResetError, RuntimeError("after a close")])
async def test_a_client_that_is_gone_is_no_error(word):
    async def gone(message):
        if message["type"] != "websocket.accept":
            raise word

    assert await drops_of(says("hello", "world"), gone) == 0


async def test_other_exceptions_are_not_hushed_up():
    with pytest.raises(TimeoutError):
        await drops_of(says("hello", then=TimeoutError), never)

    async def refuse(message):
        raise RuntimeError("not now")

    with pytest.raises(RuntimeError):
        await drops_of(says("hello"), refuse)


# ---- While Redis is away.


@pytest.fixture
async def chat(settings, monkeypatch):
    """The route of a room, without a Redis; a function that opens it as somebody."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    redis = fakeredis.FakeAsyncRedis(decode_responses=True)
    monkeypatch.setattr(presence, "redis", redis)

    async def enter(room):
        tab = WebsocketCommunicator(TryAgainLater(ChatConsumer.as_asgi()), "/")
        user = get_user_model()(username="ann")
        tab.scope |= {"url_route": {"kwargs": {"room": room}}, "user": user}
        accepted, _ = await tab.connect()
        assert accepted
        return tab

    yield enter
    await redis.aclose()


async def redis_is_away(*arguments):
    raise RedisError("Connection refused")


async def turned_away(tab):
    """Return the code of the error frame, and that of the close."""
    code = (await tab.receive_json_from())["code"]
    close = await tab.receive_output()
    assert close["type"] == "websocket.close"
    return code, close["code"]


async def test_a_newcomer_is_asked_to_come_later(chat, monkeypatch):
    for method in ("new_channel", "group_add", "group_send"):  # the last comes after the accept
        with monkeypatch.context() as patch:
            patch.setattr(get_channel_layer(), method, redis_is_away)
            assert await turned_away(await chat("tea")) == ("unavailable", TRY_AGAIN_LATER)


async def test_a_room_that_cannot_be_is_refused_all_the_same(chat, monkeypatch):
    monkeypatch.setattr(get_channel_layer(), "new_channel", redis_is_away)
    assert await turned_away(await chat(" ")) == ("bad_room", ROOM_REFUSED)


async def test_a_sender_is_told_that_nobody_hears_and_stays(chat, monkeypatch):
    ann = await chat("tea")
    assert (await ann.receive_json_from())["type"] == "online_count"
    with monkeypatch.context() as patch:
        patch.setattr(get_channel_layer(), "group_send", redis_is_away)
        await ann.send_json_to({"message": "is anybody there?"})
        assert (await ann.receive_json_from())["code"] == "unavailable"
    await ann.send_json_to({"message": "again"})
    assert (await ann.receive_json_from())["message"] == "again"
    await ann.disconnect()


async def test_whoever_leaves_meanwhile_leaves_in_peace(chat, monkeypatch):
    ann = await chat("tea")
    monkeypatch.setattr(presence, "leave", redis_is_away)
    await ann.disconnect()  # would raise what the consumer raised
