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


async def test_a_client_that_does_not_read_is_let_go(monkeypatch):
    monkeypatch.setattr(slow, "PATIENCE", 0.01)
    lets_go = slow.LetGoOfTheSlow(until_the_end)
    before = REGISTRY.get_sample_value("chat_drops_total")
    await lets_go({}, None, lambda message: asyncio.Event().wait())
    assert REGISTRY.get_sample_value("chat_drops_total") == before + 1


async def test_another_timeout_is_not_hushed_up():
    async def app(scope, receive, send):
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await slow.LetGoOfTheSlow(app)({}, None, None)
