"""What those who run the chat rely on, tested in process.

Run them in the project's folder: `python -m pytest --ds=config.settings operations/tests.py`
"""

import asyncio

import fakeredis
import pytest
from django.test import AsyncClient
from prometheus_client import REGISTRY
from redis.exceptions import RedisError

from . import slow, views
from .metrics import ABNORMAL, Counted


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
    dropped = {"type": "websocket.disconnect", "code": ABNORMAL}
    assert await changed_by(until_the_end, frame, frame, closed) == [0, 1, 2, 0]
    assert await changed_by(until_the_end, dropped) == [0, 1, 0, 1]
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
