"""The frame microscope: what it sees; a replay is equal byte for byte; it breaks nothing."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import asynccontextmanager

import httpx
import msgpack
import msgspec
import pytest
from websockets.asyncio.client import connect

from channels_workshop import REPOSITORY
from channels_workshop.course.copies import lay_over, write_project
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.course.project import project_files
from channels_workshop.errors import WorkshopError
from channels_workshop.judging.browser import browser, can_drive, find_browser
from channels_workshop.judging.events import Job
from channels_workshop.judging.judge import Judge
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.redis import start_redis
from channels_workshop.processes.supervisor import Supervisor
from channels_workshop.stage.microscope import inside, settings
from channels_workshop.stage.microscope.collector import Collector
from channels_workshop.stage.microscope.events import Event, Noted, read_noted
from channels_workshop.stage.microscope.files import from_file, to_file
from channels_workshop.stage.microscope.recording import KEPT, Recording
from channels_workshop.stage.microscope.telling import KINDS, SIGNS, WHAT, lines
from channels_workshop.stage.microscope.viewer import Viewer
from channels_workshop.stage.pages.application import set_up_django

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60


@pytest.fixture(scope="module")
def supervisor():
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture
def chat(tmp_path):
    """A copy of lesson 03's project."""
    write_project(find_lesson("03"), tmp_path / "project")
    return tmp_path / "project"


@asynccontextmanager
async def watched(supervisor, project, options=None):
    """Serve a project with a collector of its own; give the server and the recording."""
    collector = Collector(Recording())
    await collector.open()
    options = collector.watched(options or ServerOptions(migrate=True), "chat")
    log = project.with_name("log")
    server = await asyncio.to_thread(supervisor.serve, project, log, options)
    try:
        yield server, collector.recording
    finally:
        server.stop()
        await collector.close()


def enter(server, path="/ws/chat/tea/"):
    url = f"ws://127.0.0.1:{server.port}{path}"
    return connect(url, origin=server.origin, proxy=None, open_timeout=PATIENCE)


def steps(recording, connection):
    return [event.what for event in recording.events if event.connection == connection]


async def talk(server):
    """Two people say something in one room."""
    async with enter(server, "/ws/chat/tea/?ticket=secret") as ann, enter(server) as bob:
        for text in ("hello", "\ud83d half"):
            await ann.send(json.dumps({"message": text}))
            await asyncio.gather(ann.recv(), bob.recv())


async def test_it_sees_all_that_happens_to_a_connection(supervisor, chat):
    async with watched(supervisor, chat) as (server, recording):
        await talk(server)
        await recording.until(lambda event: event.what == "ends", 2)
    first, second = steps(recording, 1), steps(recording, 2)
    said = ["receives", "tells", "gets", "sends"]
    assert first[:3] == second[:3] == ["connects", "joins", "accepts"]
    assert [what for what in first if what in said] == said * 2
    assert second.count("sends") == 2
    assert first[-3:] == second[-3:] == ["closed", "leaves", "ends"]
    (heading, *_rest) = [event for event in recording.events if event.what == "connects"]
    assert heading.where == "/ws/chat/tea/?ticket=…"
    assert "secret" not in to_file(recording.events).decode()


async def test_a_replay_is_equal_byte_for_byte(supervisor, chat):
    async with watched(supervisor, chat) as (server, recording):
        await talk(server)
        await recording.until(lambda event: event.what == "ends", 2)
    file = to_file(recording.events)
    replayed = Recording(from_file(file)).events
    assert to_file(replayed) == file
    for language in ("en", "ru"):
        assert [*lines(replayed, language)] == [*lines(recording.events, language)]
    backwards = Recording(reversed(from_file(file)))
    assert to_file(backwards.events) == file


async def test_an_exception_is_seen_with_its_traceback(supervisor, chat):
    consumers = chat / "chat" / "consumers.py"
    text = consumers.read_text(encoding="utf-8")
    consumers.write_text(
        text.replace("message = read_message(text_data)", "1 / 0"), encoding="utf-8"
    )
    views = chat / "chat" / "views.py"
    text = views.read_text(encoding="utf-8").replace(
        "def lobby(request):", "def lobby(request):\n    1 / 0"
    )
    views.write_text(text, encoding="utf-8")
    async with watched(supervisor, chat) as (server, recording):
        async with enter(server) as ann:
            await ann.send("hello")
            await ann.wait_closed()
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"{server.origin}/")).status_code == 500
        raised = await recording.until(lambda event: event.what == "raises", 2)
    for event in raised:
        assert event.where == "ZeroDivisionError"
        assert event.text.endswith("ZeroDivisionError: division by zero\n")
    assert "consumers.py" in raised[0].text
    assert "views.py" in raised[1].text


async def test_a_project_that_is_not_ours_works_unchanged(supervisor, tmp_path):
    redis = start_redis()
    try:
        source = REPOSITORY / "tests" / "small_chat"
        lay_over(source, tmp_path / "project", project_files(source))
        options = ServerOptions(environment={"REDIS_URL": redis.url})
        async with watched(supervisor, tmp_path / "project", options) as (server, recording):
            async with enter(server) as ann, enter(server) as bob:
                await ann.send('{"message": "hello"}')
                assert await ann.recv() == await bob.recv() == '{"message": "hello"}'
            await recording.until(lambda event: event.what == "ends", 2)
        assert steps(recording, 1).count("sends") == steps(recording, 2).count("gets") == 1
    finally:
        redis.stop()


# ---- It never breaks what it watches.


async def test_a_layer_is_called_as_before(viewer):
    class Layer:
        async def anything(self, *given, **named):
            return given, named

        group_add = group_discard = group_send = send = receive = anything

    layer = inside._watch_layer(Layer(), inside._Wire(viewer.getsockname()[1], "secret", "server"))
    reading, _address = viewer.accept()
    assert await layer.group_send("tea", {"type": "x"}) == (("tea", {"type": "x"}), {})
    named = {"group": "tea", "message": {1: object()}}
    assert await layer.group_send(**named) == ((), named)
    assert await layer.group_add(group="tea", channel=7) == ((), {"group": "tea", "channel": 7})
    assert await layer.send(None, message=b"\xff") == ((None,), {"message": b"\xff"})
    assert await layer.receive("ann") == (("ann",), {})
    reading.close()


async def once(application):
    """Have an application answer one connection, which sends one frame."""
    sent = []
    events = iter(
        [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "x" * 9_000}]
    )

    async def receive():
        return next(events)

    async def send(event):
        sent.append(event)

    await application({"type": "websocket", "path": "/", "headers": []}, receive, send)
    return sent


async def answers(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", **{"text": (await receive())["text"]}})


@pytest.fixture
def viewer(monkeypatch):
    """A listening socket that `inside` is told of."""
    set_up_django(settings)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # it takes little at once
        monkeypatch.setenv(inside.VARIABLE, f"{listener.getsockname()[1]} secret server")
        yield listener


async def test_nobody_watches(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for value in (f"{port} secret server", "nonsense", ""):
        monkeypatch.setenv(inside.VARIABLE, value)
        assert inside.in_front(answers) is answers
        assert inside.VARIABLE not in os.environ


async def test_a_viewer_that_reads_nothing_costs_events_and_says_how_many(viewer, monkeypatch):
    monkeypatch.setattr(inside, "WAITING", 50_000)
    application = inside.in_front(answers)
    reading, _address = viewer.accept()
    for _time in range(1_500):
        assert [event["type"] for event in await once(application)][-1] == "websocket.send"
    has_dropped = threading.Event()
    noted = []

    def read():
        with reading.makefile("rb") as coming:
            assert coming.readline() == b"secret server\n"
            told = msgpack.Unpacker()
            while not has_dropped.is_set():
                told.feed(coming.read1())
                noted.extend(read_noted(told))
                if any(one.what == "dropped" for one in noted):
                    has_dropped.set()

    thread = threading.Thread(target=read)
    thread.start()
    while not await asyncio.to_thread(has_dropped.wait, 0.05):
        await once(application)  # which wakes the sending
    thread.join(PATIENCE)
    reading.close()
    (dropped,) = [one for one in noted if one.what == "dropped"]
    assert dropped.code > 0
    (frame, *_more) = [one for one in noted if one.what == "receives"]
    assert (len(frame.text), frame.cut) == (inside.KEPT, 9_000 - inside.KEPT)


async def test_a_viewer_that_dies_is_forgotten(viewer):
    application = inside.in_front(answers)
    reading, _address = viewer.accept()
    reading.close()
    for _time in range(50):
        assert len(await once(application)) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_what_a_project_forks_tells_nothing_twice(viewer):
    wire = inside._Wire(viewer.getsockname()[1], "secret", "server")
    wire.note("asks", 1)
    if not (child := os.fork()):
        wire.note("asks", 2)
        wire._say_goodbye()
        os._exit(bool(wire.is_open or wire._told))
    assert os.waitpid(child, 0)[1] == 0
    assert wire.is_open


async def test_half_of_a_surrogate_pair_is_told_escaped():
    collector = Collector(Recording())
    await collector.open()
    variable = collector.watched(ServerOptions(), "server").environment[inside.VARIABLE]
    port, secret, name = variable.split(" ", 2)
    wire = inside._Wire(int(port), secret, name)
    wire.note("joins", 1, "\ud800", "\ud83d é")
    wire.put(1_000, "sends", 1, "", "\ud83d half")
    wire.note("ends", 1)  # and what comes after it is heard
    await collector.recording.until(lambda event: event.what == "ends")
    told = {event.what: (event.where, event.text) for event in collector.recording.events}
    assert told["joins"] == ("\\ud800", "\\ud83d é")
    assert told["sends"] == ("", "\\ud83d half")
    await collector.close()


async def test_only_those_with_the_secret_are_heard():
    collector = Collector(Recording())
    await collector.open()
    options = collector.watched(ServerOptions(), "server")
    port, secret, _name = options.environment[inside.VARIABLE].split(" ", 2)
    told = msgspec.msgpack.encode(Noted(1_000, "starts"))
    for said in (
        b"wrong server\n" + told,
        f"{secret} server\n".encode() + b"\xff" * 99,
        f"{secret} server\n".encode() + b"wrong",
        f"{secret} server\n".encode() + b"\xc1",
        f"{secret} server\n".encode() + told,
    ):
        _reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        writer.write(said)
        await writer.drain()
        writer.close()
    assert await collector.recording.until(bool) == [Event(1, "server", 1, "starts")]
    await collector.close()


# ---- What is recorded.


def test_each_kind_of_event_has_its_words():
    assert WHAT.keys() == SIGNS.keys()
    assert sorted(WHAT) == sorted(what for kind in KINDS.values() for what in kind)


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"\xff\xfe", b"{}\n", b'{"frames": "else"}', b"[" * 100_000,
     to_file([]) + b'{"at": 1}\n', to_file([]) + b'{"at":1,"who":"a","number":1,"what":"flies"}\n'],
)  # fmt: skip
def test_a_file_that_is_no_recording_is_refused(content):
    with pytest.raises(WorkshopError) as refused:
        from_file(content)
    assert str(refused.value.fix)


def test_the_oldest_events_go_first():
    recording = Recording()
    recording.add([Event(at, "server", at, "sends") for at in range(KEPT + 10)])
    assert (len(recording.events), recording.forgotten) == (KEPT, 10)
    assert recording.events[0].at == 10


# ---- The page.


async def test_the_page_shows_what_happens_and_takes_a_recording(supervisor, chat):
    with Viewer() as viewer:
        options = viewer.collector.watched(ServerOptions(migrate=True))
        server = await asyncio.to_thread(supervisor.serve, chat, chat.with_name("log"), options)
        host = viewer.address.removeprefix("http://")
        seen = []
        async with connect(
            f"ws://{host}ws/frames/", origin=viewer.address.rstrip("/"), proxy=None
        ) as page:
            await talk(server)
            async with asyncio.timeout(PATIENCE):
                while sum(event["what"] == "ends" for event in seen) < 2:
                    seen += json.loads(await page.recv())["events"]
        async with httpx.AsyncClient(base_url=viewer.address, trust_env=False) as http:
            file = (await http.get("/frames/recording.jsonl")).content
            replayed = (await http.post("/en/frames/replay/", content=file)).json()["events"]
            assert replayed == [json.loads(line) for line in file.splitlines()[1:]]
            assert sorted(map(str, seen)) == sorted(map(str, replayed))
            assert "Frame microscope" in (await http.get("/en/frames/")).text
            assert "Микроскоп" in (await http.get("/ru/frames/")).text
            for name in ("microscope.js", "microscope.css"):
                assert (await http.get(f"/frames/static/{name}")).status_code == 200
            refused = await http.post("/ru/frames/replay/", content=b"nonsense")
            assert refused.status_code == 400
            assert set(refused.json()) == {"message", "fix"}
        server.stop()


ROWS = "[...document.querySelectorAll('#timeline > li')].map((row) => row.innerHTML).join()"


@pytest.mark.slow
@pytest.mark.skipif(
    not (can_drive() and find_browser()), reason="the extra `browser`, or a Chromium, is missing"
)
async def test_all_of_it_works_by_keyboard(supervisor, chat):
    """Pause, step back, filter, save, replay; the rows of a replay are those that were live."""
    with Viewer() as viewer:
        options = viewer.collector.watched(ServerOptions(migrate=True))
        server = await asyncio.to_thread(supervisor.serve, chat, chat.with_name("log"), options)
        async with browser() as chromium:
            page = await chromium.new_page()
            # From now on the browser hands us what asks for a file. To begin with that as late as
            # `expect_file_chooser` does is a race, which the key press may win.
            page.on("filechooser", lambda _chooser: None)
            await page.goto(f"{viewer.address}en/frames/")
            await talk(server)
            await page.locator("[data-what=ends]").nth(1).wait_for()
            live = await page.evaluate(ROWS)
            current, state = page.locator("li[aria-current]"), page.locator("#state")

            await page.keyboard.press("Space")
            assert await state.inner_text() == "Paused"
            before = await current.inner_text()
            await page.keyboard.press("ArrowLeft")
            assert await current.inner_text() != before
            await page.keyboard.press("ArrowRight")
            assert await current.inner_text() == before
            assert await page.locator("#moment").inner_text() == "Nobody is connected."

            await page.keyboard.press("/")
            await page.keyboard.type("to group")
            assert await page.locator("#timeline > li:visible").count() == 2
            await page.keyboard.press("ArrowLeft")  # in the field, where it moves the caret
            await page.keyboard.press("Escape")
            await page.keyboard.press("ArrowLeft")
            assert "to group" in await current.inner_text()
            assert "#1 · groups: chat." in await page.locator("#moment").inner_text()
            await page.locator("#filter").fill("")
            await page.keyboard.press("Escape")

            async with page.expect_download() as saved:
                await page.keyboard.press("s")
            file = chat.with_name("frames.jsonl")
            await (await saved.value).save_as(file)
            async with page.expect_file_chooser() as chosen:
                await page.keyboard.press("o")
            await (await chosen.value).set_files(file)
            await page.get_by_text("Replay: frames.jsonl").wait_for()
            await page.wait_for_function(f"{ROWS} !== ''")
            assert await page.evaluate(ROWS) == live
            await page.keyboard.press("Space")  # which plays it to its end
            await page.locator("#timeline > li:last-child[aria-current]").wait_for()
            await page.get_by_role("button", name="Back to the live project").press("Enter")
            await page.get_by_text("Live", exact=True).wait_for()
        server.stop()


# ---- Every project of the course passes its checks with the microscope in front.

_IN_FRONT = """

import os
from channels_workshop.stage.microscope.inside import VARIABLE, in_front

os.environ[VARIABLE] = {told!r}
application = in_front(application)
"""


def projects():
    for lesson in all_lessons():
        yield pytest.param(lesson, None, id=lesson.name, marks=pytest.mark.slow)
        for folder in sorted((lesson.folder / "accepted").iterdir()):
            name = f"{lesson.name}/{folder.name}"
            yield pytest.param(lesson, folder, id=name, marks=pytest.mark.on_demand)


@pytest.mark.parametrize(("lesson", "accepted"), list(projects()))
async def test_the_checks_pass_with_it_in_front(lesson, accepted, tmp_path):
    collector = Collector(Recording())
    await collector.open()
    told = collector.watched(ServerOptions(), "target").environment[inside.VARIABLE]
    target = tmp_path / "target"
    write_project(lesson, target)
    if accepted:
        lay_over(accepted, target, project_files(accepted))
    with (target / "config" / "asgi.py").open("a", encoding="utf-8") as file:
        file.write(_IN_FRONT.format(told=told))

    def judged():
        with Judge() as judge:
            return judge.verdict(Job(str(lesson.folder), str(target)))

    verdict = await asyncio.to_thread(judged)
    await collector.close()
    assert verdict.status == "pass", [r for r in verdict.checks if r.status != "pass"]
    assert collector.recording.events


# ---- As people start it.


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", ["run 3 --watch-frames", "run 3 --workers 2 --watch-frames", "up --no-browser"]
)
def test_it_stands_beside_what_people_start(words, tmp_path):
    environment = {**os.environ, "WORKSHOP_LANG": "en", "PYTHONUNBUFFERED": "1", "CI": "1"}
    environment["WORKSHOP_WORKSPACE"] = str(tmp_path / "workspace")
    command = [sys.executable, "-m", "channels_workshop", *words.split()]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    try:
        found = {}
        while len(found) < 2:
            line = running.stdout.readline()
            assert line, running.wait()
            if address := re.search(r"http://127\.0\.0\.1:\d+/", line):
                shown = "frames" if re.search("microscope|/en/", line) else "project"
                if "pages" not in line:
                    found.setdefault(shown, address[0])
        with httpx.Client(trust_env=False, timeout=PATIENCE) as http:
            assert "microscope.js" in http.get(f"{found['frames']}en/frames/").text
            http.get(found["project"])
            content = http.get(f"{found['frames']}frames/recording.jsonl").content
            while b'"answers"' not in content:  # what a server has seen is told a moment later
                content = http.get(f"{found['frames']}frames/recording.jsonl").content
        servers = {event.who for event in from_file(content)}
        assert servers >= ({"server 1", "server 2"} if "2" in words else {"server 1"})
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=PATIENCE)
    assert running.returncode == 0
