"""Lesson 06's `further/fanout`: who hears what, and that nothing is left of a room."""

import asyncio
import contextlib
import importlib.util
import json
import re
import shutil
import socket
import time
from functools import partial
from types import SimpleNamespace

import pytest
import redis
from channels.layers import InMemoryChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from websockets.client import ClientProtocol
from websockets.sync.client import connect
from websockets.uri import parse_uri

from channels_workshop.chat_checks.accounts import Accounts, bearer
from channels_workshop.course.copies import lay_further, write_project
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.lessons import LESSONS
from channels_workshop.judging.events import Job
from channels_workshop.judging.judge import Judge
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.redis import start_redis
from channels_workshop.processes.supervisor import Supervisor

# Left to .ci/run: real servers, and many of them.
pytestmark = pytest.mark.slow

LESSON = LESSONS / "06_scaling_redis"
MODULE = LESSON / "further" / "fanout" / "chat" / "fanout.py"

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 20


@pytest.fixture
def fanout(monkeypatch):
    """The module, on a layer of this test's own: `fanout.layer`, in memory."""
    spec = importlib.util.spec_from_file_location("fanout", MODULE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.layer = InMemoryChannelLayer()
    monkeypatch.setattr(module, "get_channel_layer", lambda: module.layer)
    return module


@pytest.fixture
def fan_out(fanout):
    return fanout.FanOut(text_of)


async def text_of(room, event):
    return f"{room.group}: {event['text']}"


class Tab:
    """A consumer, as far as the fan-out knows one."""

    def __init__(self):
        self.heard = []
        self.closed_with = asyncio.get_running_loop().create_future()
        self._frames = asyncio.Queue()

    async def show(self, text):
        self.heard.append(text)
        self._frames.put_nowait(text)

    async def close(self, code):
        self.closed_with.set_result(code)
        await self.leave()

    def hang_up(self):
        raise AssertionError("a farewell was enough")

    async def until(self, text):
        """Wait until `text` has come."""
        async with asyncio.timeout(PATIENCE):
            while await self._frames.get() != text:
                pass


class SlowTab(Tab):
    """Its buffers are full until `reads` is set."""

    def __init__(self):
        super().__init__()
        self.reads = asyncio.Event()

    async def show(self, text):
        await self.reads.wait()
        await super().show(text)


class LostTab(Tab):
    """Its connection is gone, and its consumer does not know yet."""

    def __init__(self):
        super().__init__()
        self.is_hung_up = asyncio.Event()

    async def show(self, text):
        raise ConnectionResetError

    async def close(self, code):
        raise ConnectionResetError

    def hang_up(self):
        self.is_hung_up.set()


async def enter(fan_out, group, tab):
    """Join, as a consumer does; its handshake is over at once."""
    tab.leave = partial(fan_out.leave, group, tab)
    (await fan_out.join(group, tab)).open_to(tab)


async def say(fanout, group, text):
    await fanout.layer.group_send(group, {"type": "chat.message", "text": text})


async def nothing_goes_on():
    """Wait until no task is left but this test's."""
    async with asyncio.timeout(PATIENCE):
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


async def test_everyone_in_the_room_hears_once_and_in_order(fanout, fan_out):
    ann, bob, eve = Tab(), Tab(), Tab()
    await enter(fan_out, "tea", ann)
    await enter(fan_out, "tea", bob)
    await enter(fan_out, "milk", eve)
    for number in range(5):
        await say(fanout, "tea", number)
    await say(fanout, "milk", "over")
    for tab in (ann, bob):
        await tab.until("tea: 4")
        assert tab.heard == [f"tea: {number}" for number in range(5)]
    await eve.until("milk: over")
    assert eve.heard == ["milk: over"]


async def test_a_frame_is_made_once_however_many_there_are(fanout):
    made = []

    async def frame_of(room, event):
        made.append(event["text"])
        return event["text"]

    fan_out = fanout.FanOut(frame_of)
    tabs = [Tab() for _each in range(20)]
    for tab in tabs:
        await enter(fan_out, "tea", tab)
    await say(fanout, "tea", "hello")
    for tab in tabs:
        await tab.until("hello")
    assert made == ["hello"]


async def test_nothing_is_sent_before_the_handshake_is_over(fanout, fan_out):
    ann, bob = Tab(), Tab()
    await enter(fan_out, "tea", ann)
    room = await fan_out.join("tea", bob)
    await say(fanout, "tea", "early")
    await ann.until("tea: early")
    room.open_to(bob)
    await say(fanout, "tea", "hello")
    await bob.until("tea: hello")
    assert bob.heard == ["tea: hello"]


async def test_a_place_is_kept_meanwhile(fanout, fan_out):
    ann, bob = Tab(), Tab()
    await enter(fan_out, "tea", ann)
    room = await fan_out.join("tea", bob)
    await fan_out.leave("tea", ann)
    room.open_to(bob)
    await say(fanout, "tea", "hello")
    await bob.until("tea: hello")
    await fan_out.leave("tea", bob)
    await nothing_goes_on()


async def test_a_room_remembers_and_what_is_no_news_is_not_told(fanout):
    async def news(room, event):
        if room.shown == event["text"]:
            return None
        room.shown = event["text"]
        return f"{room.group}: {event['text']}"

    fan_out = fanout.FanOut(news)
    ann, eve = Tab(), Tab()
    await enter(fan_out, "tea", ann)
    await enter(fan_out, "milk", eve)
    for text in ("one", "one", "two", "two", "over"):
        await say(fanout, "tea", text)
    await say(fanout, "milk", "one")
    await ann.until("tea: over")
    await eve.until("milk: one")
    assert ann.heard == ["tea: one", "tea: two", "tea: over"]


async def test_two_who_are_first_at_once_subscribe_once(fanout, fan_out, monkeypatch):
    may_go_on, begun, added, add = asyncio.Event(), asyncio.Event(), [], fanout.layer.group_add

    async def slow_add(group, channel):
        added.append(channel)
        begun.set()
        await may_go_on.wait()
        await add(group, channel)

    monkeypatch.setattr(fanout.layer, "group_add", slow_add)
    ann, bob = Tab(), Tab()
    joining = [asyncio.create_task(enter(fan_out, "tea", tab)) for tab in (ann, bob)]
    await begun.wait()
    may_go_on.set()
    await asyncio.gather(*joining)
    await say(fanout, "tea", "one")
    await say(fanout, "tea", "two")
    for tab in (ann, bob):
        await tab.until("tea: two")
        assert tab.heard == ["tea: one", "tea: two"]
    assert len(added) == 1


async def test_whoever_leaves_hears_nothing_more_and_the_others_do(fanout, fan_out):
    ann, bob = Tab(), Tab()
    await enter(fan_out, "tea", ann)
    await enter(fan_out, "tea", bob)
    await fan_out.leave("tea", ann)
    await fan_out.leave("tea", ann)
    await say(fanout, "tea", "hello")
    await bob.until("tea: hello")
    assert ann.heard == []
    await fan_out.leave("tea", bob)
    await nothing_goes_on()


async def test_who_comes_while_the_last_one_goes_is_heard(fanout, fan_out, monkeypatch):
    may_go_on, discard = asyncio.Event(), fanout.layer.group_discard

    async def slow_discard(group, channel):
        await may_go_on.wait()
        await discard(group, channel)

    monkeypatch.setattr(fanout.layer, "group_discard", slow_discard)
    ann, bob = Tab(), Tab()
    await enter(fan_out, "tea", ann)
    leaving = asyncio.create_task(fan_out.leave("tea", ann))
    joining = asyncio.create_task(enter(fan_out, "tea", bob))
    await asyncio.sleep(0)  # both have begun
    may_go_on.set()
    await asyncio.gather(leaving, joining)
    await say(fanout, "tea", "hello")
    await bob.until("tea: hello")
    assert (ann.heard, bob.heard) == ([], ["tea: hello"])


async def test_a_lost_tab_harms_nobody(fanout, fan_out):
    ann, lost, bob = Tab(), LostTab(), Tab()
    for tab in (ann, lost, bob):
        await enter(fan_out, "tea", tab)
    await say(fanout, "tea", "hello")
    for tab in (ann, bob):
        await tab.until("tea: hello")
        assert tab.heard == ["tea: hello"]
    async with asyncio.timeout(PATIENCE):
        await lost.is_hung_up.wait()
    await fan_out.leave("tea", lost)


async def test_nobody_waits_for_a_slow_one_who_misses_nothing(fanout, fan_out):
    ann, slow, bob = Tab(), SlowTab(), Tab()
    for tab in (ann, slow, bob):
        await enter(fan_out, "tea", tab)
    for number in range(50):
        await say(fanout, "tea", number)
        for tab in (ann, bob):
            await tab.until(f"tea: {number}")
    assert slow.heard == []
    slow.reads.set()
    await slow.until("tea: 49")
    for number in range(50, 60):
        await say(fanout, "tea", number)
    for tab in (ann, slow, bob):
        await tab.until("tea: 59")
        assert tab.heard == [f"tea: {number}" for number in range(60)]
    for tab in (ann, slow, bob):
        await fan_out.leave("tea", tab)
    await nothing_goes_on()


async def test_a_slow_one_who_reads_now_and_then_misses_nothing(fanout, fan_out):
    ann, slow = Tab(), SlowTab()
    for tab in (ann, slow):
        await enter(fan_out, "tea", tab)
    for number in range(60):
        await say(fanout, "tea", number)
        await ann.until(f"tea: {number}")
        if number % 3 == 0:
            slow.reads.set()
        if number % 7 == 0:
            slow.reads.clear()
    slow.reads.set()
    await slow.until("tea: 59")
    assert slow.heard == ann.heard


async def test_whoever_is_too_far_behind_is_let_go(fanout, fan_out, monkeypatch):
    monkeypatch.setattr(fanout, "MOST_WAITING", 3)
    ann, slow = Tab(), SlowTab()
    for tab in (ann, slow):
        await enter(fan_out, "tea", tab)
    for number in range(5):
        assert not slow.closed_with.done()
        await say(fanout, "tea", number)
        await ann.until(f"tea: {number}")
    async with asyncio.timeout(PATIENCE):
        assert await slow.closed_with == 1013
    await say(fanout, "tea", "over")
    await ann.until("tea: over")


async def test_a_slow_one_may_leave(fanout, fan_out):
    ann, slow = Tab(), SlowTab()
    for tab in (ann, slow):
        await enter(fan_out, "tea", tab)
    for text in ("one", "two"):
        await say(fanout, "tea", text)
        await ann.until(f"tea: {text}")
    await fan_out.leave("tea", slow)
    slow.reads.set()  # or an exception: at the latest when its connection ends
    await say(fanout, "tea", "three")
    await ann.until("tea: three")
    await fan_out.leave("tea", ann)
    await nothing_goes_on()
    assert slow.heard == ["tea: one"]  # it was on its way


async def test_nobody_waits_for_a_farewell_that_is_not_read(fanout, fan_out, monkeypatch):
    monkeypatch.setattr(fanout, "MOST_WAITING", 1)
    monkeypatch.setattr(fanout, "PATIENCE", 0)
    ann, slow = Tab(), SlowTab()
    ended = asyncio.Event()
    slow.close = lambda code: asyncio.Event().wait()
    slow.hang_up = ended.set
    for tab in (ann, slow):
        await enter(fan_out, "tea", tab)
    for number in range(5):
        await say(fanout, "tea", number)
        await ann.until(f"tea: {number}")
    async with asyncio.timeout(PATIENCE):
        await ended.wait()


async def test_whose_catching_up_fails_is_let_go(fanout, fan_out):
    ann, slow = Tab(), SlowTab()
    for tab in (ann, slow):
        await enter(fan_out, "tea", tab)
    await say(fanout, "tea", "one")
    await ann.until("tea: one")

    async def refuse(text):
        raise TimeoutError  # as a middleware that has lost its patience

    slow.show = refuse
    slow.reads.set()
    await say(fanout, "tea", "two")
    await ann.until("tea: two")
    async with asyncio.timeout(PATIENCE):
        assert await slow.closed_with == 1013


async def test_an_event_of_which_nothing_can_be_made_closes_the_room_and_no_more(fanout, fan_out):
    ann, eve, bob = Tab(), Tab(), Tab()
    await enter(fan_out, "tea", ann)
    await enter(fan_out, "milk", eve)
    await fanout.layer.group_send("tea", {"type": "chat.message"})
    async with asyncio.timeout(PATIENCE):
        assert await ann.closed_with == 1011
    await enter(fan_out, "tea", bob)
    await fan_out.leave("tea", ann)
    await say(fanout, "tea", "hello")
    await say(fanout, "milk", "hello")
    await bob.until("tea: hello")
    await eve.until("milk: hello")
    assert ann.heard == []


async def test_a_join_that_fails_leaves_nothing_behind(fanout, fan_out, monkeypatch):
    async def refuse(group, channel):
        await asyncio.sleep(0)  # as anything that asks a server
        raise ConnectionError

    ann = Tab()
    with monkeypatch.context() as patched:
        patched.setattr(fanout.layer, "group_add", refuse)
        with pytest.raises(ConnectionError):
            await enter(fan_out, "tea", ann)
    await fan_out.leave("tea", ann)
    await nothing_goes_on()
    await enter(fan_out, "tea", ann)
    await say(fanout, "tea", "hello")
    await ann.until("tea: hello")
    assert ann.heard == ["tea: hello"]


# ---- On Redis, with two processes: a fan-out and a layer for each.


@pytest.fixture(scope="module")
def server():
    server = start_redis()
    yield server
    server.stop()


@pytest.fixture
async def processes(fanout, server, monkeypatch):
    """Two fan-outs. Which layer is asked for depends on whose task asks."""
    made = [
        SimpleNamespace(
            fan_out=fanout.FanOut(text_of), layer=RedisPubSubChannelLayer(hosts=[server.url])
        )
        for _each in range(2)
    ]
    yield made
    for process in made:
        await process.layer.flush()


def use(monkeypatch, fanout, process):
    monkeypatch.setattr(fanout, "get_channel_layer", lambda: process.layer)


async def test_a_room_spans_the_processes(fanout, processes, server, monkeypatch):
    tabs = [Tab(), Tab()]
    for process, tab in zip(processes, tabs, strict=True):
        use(monkeypatch, fanout, process)
        await enter(process.fan_out, "tea", tab)
    await said_and_heard(processes[0], tabs, "hello")


async def said_and_heard(process, tabs, text):
    """Say it until all have heard it: nothing says when a subscription has arrived at Redis."""
    heard = [asyncio.create_task(tab.until(f"tea: {text}")) for tab in tabs]
    while not all(task.done() for task in heard):
        try:
            await process.layer.group_send("tea", {"type": "chat.message", "text": text})
        except redis.ConnectionError:
            pass  # it is not back yet
        await asyncio.wait(heard, timeout=0.2)
    await asyncio.gather(*heard)


async def test_nothing_is_left_of_an_empty_room(fanout, processes, server, monkeypatch):
    process, ann = processes[0], Tab()
    use(monkeypatch, fanout, process)
    making, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow_frame(room, event):
        making.set()
        await may_go_on.wait()

    fan_out = fanout.FanOut(slow_frame)
    await enter(fan_out, "tea", ann)
    while not making.is_set():  # somebody has to be at work when the last one leaves
        await process.layer.group_send("tea", {"type": "chat.message"})
        await asyncio.wait([asyncio.create_task(making.wait())], timeout=0.2)
    await fan_out.leave("tea", ann)
    with redis.Redis.from_url(server.url) as client:
        async with asyncio.timeout(PATIENCE):
            # Nothing says when Redis has obeyed.
            while process.layer.channels or client.pubsub_channels("*"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert not process.layer.groups


async def test_it_outlasts_a_redis_that_comes_back(fanout, processes, monkeypatch, caplog):
    server = start_redis()
    process = SimpleNamespace(
        fan_out=fanout.FanOut(text_of), layer=RedisPubSubChannelLayer(hosts=[server.url])
    )
    use(monkeypatch, fanout, process)
    ann = Tab()
    await enter(process.fan_out, "tea", ann)
    await said_and_heard(process, [ann], "before")
    await asyncio.to_thread(server.stop)
    server = await asyncio.to_thread(start_redis, server.port)
    try:
        await said_and_heard(process, [ann], "after")
        await process.layer.flush()
    finally:
        server.stop()


# ---- As an overlay of the lesson.


def test_its_routes_are_the_lessons_with_another_consumer():
    ours = (MODULE.parent / "routing.py").read_text("utf-8").splitlines()
    theirs = (LESSON / "chat" / "routing.py").read_text("utf-8").splitlines()
    differing = [one for one, other in zip(ours, theirs, strict=True) if one != other]
    assert differing[1:] == ["from .fanout_consumer import ChatConsumer"]
    assert differing[0].startswith('"""')


@pytest.mark.slow
def test_whoever_reads_nothing_is_let_go_and_nobody_waits(tmp_path):
    lesson = load_lesson(LESSON)
    project = tmp_path / lesson.name
    write_project(lesson, project)
    lay_further(lesson, "fanout", project)
    with Supervisor() as supervisor:
        options = ServerOptions(environment={"REDIS_URL": supervisor.redis.url}, migrate=True)
        server = supervisor.serve(project, tmp_path / "log", options)
        try:
            headers = dict(bearer(Accounts(supervisor, project).token("ann")))
            url = server.origin.replace("http:", "ws:") + "/ws/chat/tea/"
            with deaf(url, {**headers, "Origin": server.origin}):
                with connect(
                    url,
                    origin=server.origin,
                    additional_headers=headers,
                    proxy=None,
                    compression=None,
                ) as ann:
                    assert tabs_after(ann, lambda tabs: tabs == 2) == 2
                    # By and by all buffers are full, and then a thousand frames wait.
                    assert tabs_after(ann, lambda tabs: tabs == 1, talks=True) == 1
        finally:
            server.stop()
    assert "Traceback" not in server.log_since(0)


@contextlib.contextmanager
def deaf(url, headers):
    """Stay connected, and read nothing after the handshake."""
    protocol = ClientProtocol(parse_uri(url))
    request = protocol.connect()
    for name, value in headers.items():
        request.headers[name] = value
    protocol.send_request(request)
    with socket.create_connection((parse_uri(url).host, parse_uri(url).port)) as wire:
        wire.sendall(b"".join(protocol.data_to_send()))
        yield


def tabs_after(connection, is_reached, talks=False):
    """Read, and talk if `talks`, until the count of tabs is as wished; return it."""
    deadline = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < deadline:
        if talks:
            connection.send(json.dumps({"message": "x" * 60_000}))
        frame = json.loads(connection.recv(timeout=PATIENCE))
        if is_reached(frame.get("tabs")):
            return frame["tabs"]
    return None


def test_its_asgi_is_the_lessons_with_a_way_out_around_it():
    ours, lessons = (
        "".join((folder / "config" / "asgi.py").read_text("utf-8").split())
        for folder in (LESSON / "further" / "fanout", LESSON)
    )
    ours = ours.replace("fromchat.way_outimportWayOut#noqa:E402", "")
    assert ours == re.sub(r'(?<="websocket":)(.*)(?=,\}\)$)', r"WayOut(\1)", lessons)


@pytest.mark.slow
@pytest.mark.parametrize("overlay", ["fanout", "operate"])
def test_the_lesson_with_it_passes_all_checks(tmp_path, overlay):
    lesson = load_lesson(LESSON)
    # With its given files too, some of which are the overlay's own.
    together = tmp_path / lesson.name
    shutil.copytree(lesson.folder, together)
    lay_further(lesson, overlay, together)
    with Judge() as judge:
        verdict = judge.verdict(Job(str(together), str(together)))
    assert verdict.status == "pass", [check for check in verdict.checks if check.status != "pass"]
