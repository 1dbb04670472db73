"""What the page of lesson 06 says about Redis, its clients and Django, proved by running it.

Which sentence each proof belongs to stands in `lesson_06.toml`; `tests/test_statements.py` runs this
file in a process of its own, because Django's settings are global.
"""

import asyncio
import contextlib
import gc
import json
import logging
import os
import subprocess
import sys
import time
import unittest
from datetime import datetime
from functools import partial
from unittest import mock

import pytest
import redis as redis_py
import redis.asyncio
from proving import REPOSITORY, database, proof, report, serving, use_project

from channels_workshop.processes.redis import STAND_IN, start_redis

REDIS = start_redis()
os.environ["REDIS_URL"] = REDIS.url
use_project("06_scaling_redis")

from asgiref.sync import async_to_sync, sync_to_async  # noqa: E402
from channels.exceptions import ChannelFull  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import InMemoryChannelLayer, channel_layers, get_channel_layer  # noqa: E402
from channels.testing import WebsocketCommunicator  # noqa: E402
from channels_redis.core import RedisChannelLayer  # noqa: E402
from channels_redis.pubsub import RedisPubSubChannelLayer  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import TestCase  # noqa: E402
from prometheus_client import CollectorRegistry, ProcessCollector  # noqa: E402
from redis.asyncio.retry import Retry  # noqa: E402
from redis.backoff import NoBackoff  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402
from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402

from chat import presence  # noqa: E402
from chat.frames import BadFrame, read_message  # noqa: E402

# What operates the chat is an overlay, and brings settings of its own.
sys.path.append(str(REPOSITORY / "lessons" / "06_scaling_redis" / "further" / "operate"))
settings.REDIS_OPTIONS = {}

from operations.views import healthz  # noqa: E402

#: Seconds within which what was sent has come, on a busy machine.
PATIENCE = 10
MANY = 150


@contextlib.asynccontextmanager
async def core(**options):
    """Give a core layer on a Redis; `options` are those of its connection to it."""
    layer = RedisChannelLayer(hosts=[{"address": REDIS.url, **options}])
    try:
        yield layer
    finally:
        await layer.close_pools()


@contextlib.asynccontextmanager
async def pubsub(url=REDIS.url, **options):
    """Give a pub/sub layer: to Redis it looks like one more process."""
    layer = RedisPubSubChannelLayer(hosts=[{"address": url, **options}])
    try:
        yield layer
    finally:
        await layer.flush()


@contextlib.contextmanager
def redis_client():
    """Give a synchronous client."""
    with redis_py.Redis.from_url(REDIS.url, decode_responses=True) as client:
        yield client


async def subscribe(layer, group):
    """Return a new channel that is in `group`, once Redis knows of it."""
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    while True:  # nobody tells when a subscription has arrived at Redis
        await layer.group_send(group, {"type": "are.you.there"})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await layer.receive(channel)
            return channel


async def next_event(layer, channel):
    """Return the next event on a channel that is no question of `subscribe`."""
    async with asyncio.timeout(PATIENCE):
        while (event := await layer.receive(channel))["type"] == "are.you.there":
            pass
    return event


async def all_until(layer, channel, last):
    """Return the numbers of the events up to the one whose number is `last`."""
    numbers = []
    while last not in numbers:
        numbers.append((await next_event(layer, channel))["number"])
    return numbers


@contextlib.contextmanager
def lines_of(name):
    """Give a list that takes what a logger says from INFO on, which is not printed meanwhile."""
    lines, logger = [], logging.getLogger(name)
    level = logger.level

    def note(record):
        lines.append(record.getMessage())
        return False

    logger.setLevel(logging.INFO)
    logger.addFilter(note)
    try:
        yield lines
    finally:
        logger.removeFilter(note)
        logger.setLevel(level)


# ---- The layers


SEND = """
import asyncio, sys
from channels.layers import InMemoryChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

async def main(layer):
    await layer.group_send("tea", {"type": "hello", "number": 0})
    await layer.flush()

url = sys.argv[1] if len(sys.argv) > 1 else None
asyncio.run(main(RedisPubSubChannelLayer(hosts=[url]) if url else InMemoryChannelLayer()))
"""


def send_from_another_process(*arguments):
    """Send to the group `tea` from a process of its own; return all that it printed."""
    command = [sys.executable, "-c", SEND, *arguments]
    run = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


@proof
async def a_layer_in_memory_ends_with_its_process_and_says_nothing():
    layer = InMemoryChannelLayer()
    channel = await layer.new_channel()
    await layer.group_add("tea", channel)
    assert await asyncio.to_thread(send_from_another_process) == ""
    await layer.group_send("tea", {"type": "sentinel"})
    assert await layer.receive(channel) == {"type": "sentinel"}


@proof
async def a_layer_over_redis_reaches_another_process():
    async with pubsub() as layer:
        channel = await subscribe(layer, "tea")
        await asyncio.to_thread(send_from_another_process, REDIS.url)
        assert await next_event(layer, channel) == {"type": "hello", "number": 0}


@proof
async def pubsub_has_two_connections_however_many_there_are():
    with redis_client() as client:
        before = len(client.client_list())
        async with pubsub() as layer:
            for number in range(50):
                await subscribe(layer, f"room {number % 10}")
            assert len(client.client_list()) == before + 2


@proof
async def a_process_subscribes_to_a_room_once():
    with redis_client() as client:
        async with pubsub() as one, pubsub() as other:
            for layer in (one, one, one, other):
                await subscribe(layer, "tea")
            (subscribed,) = client.pubsub_channels("*__group__tea")
            assert client.pubsub_numsub(subscribed) == [(subscribed, 2)]


@proof
async def silence_kills_on_the_core_layer_and_on_no_other():
    """For longer than BZPOPMIN and redis-py wait."""
    ended = asyncio.Queue()

    class Idle(AsyncWebsocketConsumer):
        channel_layer_alias = "idle"
        disconnected = False

        async def __call__(self, scope, receive, send):
            try:
                await super().__call__(scope, receive, send)
            finally:
                ended.put_nowait(self.disconnected)

        async def disconnect(self, code):
            self.disconnected = True

    async def dies(layer):
        channel_layers.set("idle", layer)
        async with serving(Idle.as_asgi()) as (host, log):
            async with connect(f"ws://{host}/") as tab:
                with pytest.raises(ConnectionClosed):
                    await tab.recv()
        assert await ended.get() is False
        assert isinstance(log.exceptions[0], redis_py.TimeoutError)
        assert "Timeout reading from" in str(log.exceptions[0])

    async def lives(layer):
        waiting = asyncio.ensure_future(layer.receive(await layer.new_channel()))
        await asyncio.wait([waiting], timeout=RedisChannelLayer.brpop_timeout + 1.5)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    async with core() as as_shown, core(socket_timeout=None) as cured, pubsub() as listening:
        await asyncio.gather(dies(as_shown), lives(cured), lives(listening))


@proof
async def the_core_layer_lets_in_a_hundred_at_once():
    async with core() as mailbox, core(max_connections=10_000) as wide, pubsub() as listening:
        refused = {}
        for name, layer in {"core": mailbox, "wide": wide, "pub/sub": listening}.items():
            channels = [await layer.new_channel() for _each in range(2 * 100)]
            joins = (layer.group_add("tea", channel) for channel in channels)
            answers = await asyncio.gather(*joins, return_exceptions=True)
            refused[name] = [answer for answer in answers if answer is not None]
        assert {name: len(answers) for name, answers in refused.items()} == {
            "core": 100,
            "wide": 0,
            "pub/sub": 0,
        }
        assert {type(error).__name__ for error in refused["core"]} == {"MaxConnectionsError"}


@proof
async def what_waits_for_a_consumer_that_falls_over_an_event_waits_for_ever():
    class Falls(AsyncWebsocketConsumer):
        channel_layer_alias = "falls"

        async def connect(self):
            names.append(self.channel_name)
            await self.accept()

        async def fall(self, event):
            raise ZeroDivisionError

    names = []
    async with pubsub() as layer:
        channel_layers.set("falls", layer)
        tab = WebsocketCommunicator(Falls.as_asgi(), "/")
        await tab.connect()
        await layer.send(names[0], {"type": "fall"})
        await layer.send(names[0], {"type": "is.kept"})
        with pytest.raises(ZeroDivisionError):
            await tab.wait(PATIENCE)
        async with asyncio.timeout(PATIENCE):
            assert await layer.receive(names[0]) == {"type": "is.kept"}


@proof
async def whoever_is_turned_away_leaves_a_queue_behind():
    gone = start_redis()
    layer = RedisPubSubChannelLayer(hosts=[gone.url])
    gone.stop()

    def queues():
        gc.collect()
        return sum(isinstance(each, asyncio.Queue) for each in gc.get_objects())

    before = queues()
    for _ in range(MANY):
        with pytest.raises(redis_py.exceptions.ConnectionError):
            await layer.new_channel()
    assert queues() - before >= MANY
    await layer.flush()
    assert queues() - before < MANY


@proof
async def a_full_mailbox_drops_what_comes_and_a_subscription_keeps_it():
    async with core(socket_timeout=None) as mailbox, pubsub() as listening:
        kept = {}
        for name, layer in {"core": mailbox, "pub/sub": listening}.items():
            channel = await subscribe(layer, "slow-reader")
            with lines_of("channels_redis.core") as logged:
                for number in range(MANY):
                    await layer.group_send("slow-reader", {"type": "hello", "number": number})
            assert any("over capacity" in line for line in logged) == (name == "core")
            last = MANY - 1 if name == "pub/sub" else mailbox.capacity - 1
            kept[name] = await all_until(layer, channel, last)
            # After what was kept comes what is sent now: what is between was dropped.
            await layer.group_send("slow-reader", {"type": "hello", "number": "next"})
            assert await all_until(layer, channel, "next") == ["next"]
        assert kept == {"core": list(range(100)), "pub/sub": list(range(MANY))}
        assert mailbox.expiry == 60  # so many seconds it waits
        channel = await mailbox.new_channel()
        for number in range(100):
            await mailbox.send(channel, {"type": "hello", "number": number})
        with pytest.raises(ChannelFull):
            await mailbox.send(channel, {"type": "hello", "number": 100})


@proof
async def a_day_in_a_group_is_the_last_on_the_core_layer():
    async with core(socket_timeout=None) as mailbox, pubsub() as listening:
        heard = {}
        for name, layer in {"core": mailbox, "pub/sub": listening}.items():
            channel = await subscribe(layer, "days")
            tomorrow = time.time() + mailbox.group_expiry + 1
            with mock.patch("time.time", return_value=tomorrow):
                await layer.group_send("days", {"type": "hello", "number": "tomorrow"})
            await layer.send(channel, {"type": "hello", "number": "to the channel"})
            heard[name] = (await next_event(layer, channel))["number"]
        assert mailbox.group_expiry == 24 * 60 * 60
    assert heard == {"core": "to the channel", "pub/sub": "tomorrow"}


@proof
async def what_comes_while_somebody_goes_is_lost_on_the_core_layer():
    answered, held = asyncio.Event(), asyncio.Event()
    bzpopmin = redis.asyncio.Redis.bzpopmin

    async def slow(*arguments, **options):
        answer = await bzpopmin(*arguments, **options)
        if answer and b"meanwhile" in answer[1]:  # Redis has given it away, and the process is slow
            answered.set()
            await held.wait()
        return answer

    heard = {}
    async with core(socket_timeout=None) as mailbox, pubsub() as listening:
        for name, layer in {"core": mailbox, "pub/sub": listening}.items():
            goes, stays = await layer.new_channel(), await subscribe(layer, "goodbye")
            going = asyncio.ensure_future(layer.receive(goes))
            await asyncio.sleep(0)  # whoever asks first asks Redis, for all of the process
            staying = asyncio.ensure_future(next_event(layer, stays))
            with mock.patch.object(redis.asyncio.Redis, "bzpopmin", slow):
                await layer.group_send("goodbye", {"type": "hello", "number": "meanwhile"})
                if layer is mailbox:
                    await answered.wait()
                going.cancel()
                await asyncio.gather(going, return_exceptions=True)
            await layer.group_send("goodbye", {"type": "hello", "number": "afterwards"})
            heard[name] = (await staying)["number"]
    assert heard == {"core": "afterwards", "pub/sub": "meanwhile"}


@proof
async def an_event_is_packed_unless_it_stays_in_memory():
    half = json.loads('"\\ud83d"')
    in_memory = InMemoryChannelLayer()
    channel = await in_memory.new_channel()
    await in_memory.group_add("carried", channel)
    refused = {}
    async with core(socket_timeout=None) as mailbox, pubsub() as listening:
        await mailbox.group_add("packed", await mailbox.new_channel())  # it packs for its members
        for content in ({1}, datetime.now(), object, half):
            event = {"type": "hello", "content": content}
            await in_memory.group_send("carried", event)
            assert (await in_memory.receive(channel))["content"] == content
            for layer in (mailbox, listening):
                with pytest.raises((TypeError, UnicodeEncodeError)) as error:
                    await layer.group_send("packed", event)
                refused[type(content)] = error.type
    assert refused.pop(str) is UnicodeEncodeError
    assert set(refused.values()) == {TypeError}
    with pytest.raises(BadFrame):
        read_message('{"message": "\\ud83d"}')


@proof
async def what_nobody_listens_to_is_gone():
    async with pubsub() as speaker, pubsub() as listener:
        await speaker.group_send("empty", {"type": "hello", "number": 0})  # no error
        channel = await subscribe(listener, "empty")
        await speaker.group_send("empty", {"type": "hello", "number": 1})
        assert (await next_event(listener, channel))["number"] == 1


@proof
async def one_address_is_no_list():
    layer = RedisPubSubChannelLayer(hosts=REDIS.url)
    with pytest.raises(ValueError, match="You must pass a list of Redis hosts"):
        await layer.new_channel()


@proof
async def channels_asks_for_a_channel_before_it_calls_connect():
    class Newcomer(AsyncWebsocketConsumer):
        channel_layer_alias = "away"

        async def connect(self):
            raise AssertionError("connect is called")

    away = start_redis()
    away.stop()
    async with pubsub(away.url) as layer:
        channel_layers.set("away", layer)
        tab = WebsocketCommunicator(Newcomer.as_asgi(), "/")
        with pytest.raises(redis_py.exceptions.ConnectionError):
            await tab.connect()
        async with serving(Newcomer.as_asgi()) as (host, _):
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"ws://{host}/")
        assert refused.value.response.status_code == 500


@proof
async def each_host_is_a_shard_and_a_room_is_always_on_the_same():
    other = start_redis()
    layer = RedisPubSubChannelLayer(hosts=[REDIS.url, other.url])
    rooms = [f"room{number}" for number in range(20)]
    channels = {room: await subscribe(layer, room) for room in rooms}
    found = []
    for url in (REDIS.url, other.url):
        with redis_py.Redis.from_url(url, decode_responses=True) as client:
            names = client.pubsub_channels("*__group__room*")
            found.append({name.rpartition("__")[2] for name in names})
    assert all(found)
    assert found[0] | found[1] == set(rooms)
    assert not found[0] & found[1]
    # One of them is lost: the rooms of the other notice nothing.
    with lines_of("channels_redis.pubsub"):
        await asyncio.to_thread(other.stop)
        room = found[0].pop()
        await layer.group_send(room, {"type": "hello", "number": 0})
        assert (await next_event(layer, channels[room]))["number"] == 0
        with pytest.raises(redis_py.exceptions.ConnectionError):
            await layer.group_send(found[1].pop(), {"type": "hello"})
        await layer.flush()


# ---- Presence: the rungs of the ladder


@proof
async def a_number_outlives_whoever_raised_it():
    script = f"import redis; redis.Redis.from_url({REDIS.url!r}).incr('number'); raise SystemExit"
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script], check=True)
    with redis_client() as client:
        assert client.get("number") == "1"


@proof
async def expire_is_for_the_whole_key():
    with redis_client() as client:
        client.sadd("names", "ann", "bob")
        client.pexpire("names", 200)
        client.sadd("names", "ann")  # adding leaves the key's time as it was
        assert client.pttl("names") <= 200
        client.pexpire("names", 60_000)  # ann's renewal is bob's too
        assert client.smembers("names") == {"ann", "bob"}
        assert client.pttl("names") > 200


@proof
async def a_score_is_for_each_member():
    with redis_client() as client:
        client.zadd("scores", {"ann": 30, "bob": 10})
        client.zadd("scores", {"ann": 40})
        assert client.zremrangebyscore("scores", "-inf", 20) == 1
        assert client.zrange("scores", 0, -1, withscores=True) == [("ann", 40.0)]


@proof
async def a_pipeline_sends_with_execute_and_answers_in_order():
    async with redis.asyncio.Redis.from_url(REDIS.url) as client:
        async with client.pipeline(transaction=True) as steps:
            steps.zadd("steps", {"one": 1})
            steps.zcard("steps")
            steps.zremrangebyscore("steps", 1, 1)
            assert not await client.exists("steps")
            assert await steps.execute() == [1, 1, 1]


@proof
async def read_change_write_loses_and_a_transaction_does_not():
    with redis_client() as client:
        client.set("list", "[]")
        read = [client.get("list") for _each in range(30)]  # all of them before anybody writes
        for number, text in enumerate(read):
            client.set("list", json.dumps([*json.loads(text), number]))
        assert len(json.loads(client.get("list"))) == 1
    entering = (presence.enter("tea", f"tab{number}", "ann") for number in range(30))
    counts = await asyncio.gather(*entering)
    # Each has counted itself and whoever was before it, and nobody in between.
    assert sorted(count.tabs for count in counts) == list(range(1, 31))
    in_time = sorted(counts, key=lambda count: count.at)
    assert [count.tabs for count in in_time] == sorted(count.tabs for count in counts)


@proof
async def the_expired_are_struck_off_by_whoever_comes_next():
    with redis_client() as client:
        client.zadd("presence.killed", {"tab eve": 1})
        online = await presence.enter("killed", "other", "ann")
        assert (online.people, online.tabs) == (1, 1)
        assert client.zrange("presence.killed", 0, -1) == ["other ann"]


# ---- Without Redis


@proof
async def the_errors_of_redis_py_are_its_own():
    assert not issubclass(redis_py.exceptions.ConnectionError, ConnectionError)
    assert not issubclass(redis_py.exceptions.TimeoutError, TimeoutError)
    for error in (redis_py.exceptions.ConnectionError, redis_py.exceptions.TimeoutError):
        assert issubclass(error, redis_py.exceptions.RedisError)
    away = start_redis()
    away.stop()
    async with pubsub(away.url) as layer:
        with pytest.raises(redis_py.exceptions.ConnectionError, match="connecting to 127"):
            await layer.group_send("tea", {"type": "hello"})


@proof
async def who_sends_may_not_hear_that_it_is_cancelled():
    """So it is up to Python 3.11, whose `asyncio.wait_for` redis-py sends with."""
    sent, sending = asyncio.get_running_loop().create_future(), asyncio.Event()

    class Slow(redis.asyncio.Connection):
        async def _send_packed_command(self, command):
            if b"".join(command).endswith(b"PING\r\n"):
                sending.set()
                await sent
            await super()._send_packed_command(command)

    pool = redis.asyncio.ConnectionPool.from_url(REDIS.url, connection_class=Slow)
    async with redis.asyncio.Redis(connection_pool=pool) as client:
        task = asyncio.create_task(client.ping())
        await sending.wait()
        sent.set_result(None)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() == (sys.version_info >= (3, 12))
    await pool.aclose()


@proof
async def an_old_connection_fails_once_after_a_restart():
    again = {"retry": Retry(NoBackoff(), 1)}
    harmed = start_redis()
    async with pubsub(harmed.url) as plain, pubsub(harmed.url, **again) as retrying:
        for layer in (plain, retrying):
            await layer.group_send("tea", {"type": "hello"})
        harmed.stop()
        harmed = start_redis(harmed.port)
        with pytest.raises(redis_py.exceptions.ConnectionError):
            await plain.group_send("tea", {"type": "hello"})
        await plain.group_send("tea", {"type": "hello"})
        await retrying.group_send("tea", {"type": "hello"})
    harmed.stop()


@proof
async def the_layer_subscribes_again_and_what_was_sent_before_is_lost():
    """Whoever speaks is back at once, whoever listens tries again each second."""
    harmed, lost = start_redis(), False
    again = {"retry": Retry(NoBackoff(), 1)}
    async with pubsub(harmed.url, **again) as speaker, pubsub(harmed.url, **again) as listener:
        for _try in range(5):  # on a busy machine Redis may take as long to start
            channel = await subscribe(listener, "tea")
            with complaints_of_the_layer() as complained:
                harmed.stop()
                await complained.wait()
            harmed = start_redis(harmed.port)
            await speaker.group_send("tea", {"type": "hello", "number": "lost"})
            waiting = asyncio.ensure_future(next_event(listener, channel))
            while not waiting.done():
                await speaker.group_send("tea", {"type": "hello", "number": "heard"})
                await asyncio.wait([waiting], timeout=0.1)
            if lost := (await waiting)["number"] == "heard":
                break
    harmed.stop()
    assert lost


@contextlib.contextmanager
def complaints_of_the_layer():
    """Give an event that is set once the layer has logged that it cannot listen; print nothing."""
    complained = asyncio.Event()
    logger = logging.getLogger("channels_redis.pubsub")

    def note(record):
        complained.set()
        return False

    logger.addFilter(note)
    try:
        yield complained
    finally:
        logger.removeFilter(note)


# ---- After the commit


@sync_to_async
def order_of(*steps, roll_back=False):
    """Return what has happened when, around a transaction in which something is to be told."""
    happened = []
    with transaction.atomic():
        transaction.on_commit(lambda: happened.append("told"))
        happened.append("in the transaction")
        transaction.set_rollback(roll_back)
    return [*happened, "after it"]


@proof
async def on_commit_is_after_the_commit_and_never_without_one():
    async with database():
        assert await order_of() == ["in the transaction", "told", "after it"]
        assert await order_of(roll_back=True) == ["in the transaction", "after it"]
        told = []
        await sync_to_async(transaction.on_commit)(lambda: told.append("at once"))
        assert told == ["at once"]


@proof
async def a_robust_one_keeps_its_error_to_the_log():
    @sync_to_async
    def tell(robust):
        with transaction.atomic():
            transaction.on_commit(lambda: 1 / 0, robust=robust)

    async with database():
        with pytest.raises(ZeroDivisionError):
            await tell(robust=False)
        logger = logging.getLogger("django.db.backends.base")
        records = []
        logger.addFilter(lambda record: records.append(record))
        await tell(robust=True)
        assert records[0].exc_info[0] is ZeroDivisionError


@proof
async def a_robust_partial_has_no_name_to_log():
    @sync_to_async
    def tell(numerator):
        with transaction.atomic():
            transaction.on_commit(partial(divmod, numerator, numerator), robust=True)

    async with database():
        await tell(1)
        with pytest.raises(AttributeError, match="__qualname__"):
            await tell(0)


@proof
async def the_result_of_a_call_is_no_function():
    async with database():
        with pytest.raises(TypeError, match="callback must be a callable"):
            await sync_to_async(transaction.on_commit)(None)


@proof
async def a_test_in_a_transaction_never_commits():
    told = []

    class InATransaction(TestCase):
        def runTest(self):
            with transaction.atomic():
                transaction.on_commit(lambda: told.append("never"))
            with self.captureOnCommitCallbacks(execute=True):
                transaction.on_commit(lambda: told.append("captured"))

    async with database():
        suite, result = unittest.TestSuite([InATransaction()]), unittest.TestResult()
        await sync_to_async(suite.run)(result)
    assert result.wasSuccessful(), result.errors
    assert told == ["captured"]


@proof
async def synchronous_code_sends_by_a_loop_of_its_own():
    """Each call has a loop, the loop a connection; both are gone after it."""
    layer = get_channel_layer()
    loops = set()

    async def send():
        loops.add(id(asyncio.get_running_loop()))
        await layer.group_send("loops", {"type": "hello"})

    def send_twice():
        for _each in range(2):
            async_to_sync(send)()

    with redis_client() as client:
        before = len(client.client_list())
        await asyncio.to_thread(send_twice)
        assert id(asyncio.get_running_loop()) not in loops
        assert asyncio.get_running_loop() not in layer._layers
        assert not layer._layers
        async with asyncio.timeout(PATIENCE):
            while len(client.client_list()) != before:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


# ---- Deployment


@proof
async def redis_drops_a_process_that_does_not_read():
    with redis_client() as client:
        limits = client.config_get("client-output-buffer-limit")["client-output-buffer-limit"]
    assert f"pubsub {32 * 2**20} {8 * 2**20} 60" in limits


@proof
async def healthz_is_503_without_redis():
    away = start_redis()
    away.stop()
    unreachable = redis_py.asyncio.Redis.from_url(away.url)
    with mock.patch("operations.views.redis", unreachable):
        assert (await healthz(None)).status_code == 503
    await unreachable.aclose()
    assert (await healthz(None)).status_code == 200


@proof
async def what_the_process_uses_is_told_on_linux_alone():
    nowhere = ProcessCollector(proc=str(REPOSITORY / "nowhere"), registry=CollectorRegistry())
    assert list(nowhere.collect()) == []
    if sys.platform == "linux":
        names = {family.name for family in ProcessCollector(registry=CollectorRegistry()).collect()}
        assert {"process_resident_memory_bytes", "process_cpu_seconds"} <= names


if __name__ == "__main__":
    assert REDIS.kind != STAND_IN
    try:
        report()
    finally:
        REDIS.stop()
