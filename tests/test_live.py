"""`up` and `run` as real processes: what they serve, what they say, that they leave nothing."""

import asyncio
import contextlib
import io
import json
import os
import queue
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import httpx
import pytest
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from channels_workshop import REPOSITORY
from channels_workshop.course.copies import write_project
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.errors import WorkshopError
from channels_workshop.judging.browser import browser, can_drive, find_browser
from channels_workshop.judging.events import Began, CheckEnded, Ended, NotJudged, Printed
from channels_workshop.judging.failure import DoesNotRun, Failure
from channels_workshop.judging.timeline import Moment
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.language import current, message
from channels_workshop.learner.progress import Progress
from channels_workshop.learner.workspace import Workspace
from channels_workshop.live import panel, settings, site
from channels_workshop.live import up as live_up
from channels_workshop.live.already_running import FILE, address_of_running
from channels_workshop.live.controller import Controller
from channels_workshop.live.printed import OwnLines
from channels_workshop.live.project_address import ProjectAddress, StartCancelled
from channels_workshop.live.saves import Saves
from channels_workshop.processes.ports import listen, port_of
from channels_workshop.stage.pages.application import set_up_django

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60

LESSON = find_lesson("3")
DELIVERED = 'await self.send(json.dumps({"message": event["message"]}))'
NOT_WRITTEN = 'await self.send(error_frame("not_written"))'

#: The points of the lesson, and of its tasks but the last.
TOTAL = sum(check.points for check in LESSON.checks)
BEFORE = sum(check.points for check in LESSON.checks if check.task != "deliver")
#: The headings of a lesson's page below which `up` shows something.
PLACES = ["begin", *(task.id for task in LESSON.tasks)]
DELIVER = [check.id for check in LESSON.checks if check.task == "deliver" and check.points]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A workspace and pages of this test's own; what is started here sees them too."""
    for language, title in (("en", "Home"), ("ru", "Начало")):
        folder = tmp_path / "site" / language
        page = "<!doctype html><title>{}</title><body></body>"
        folder.mkdir(parents=True)
        (folder / "index.html").write_text(page.format(title), encoding="utf-8")
        (folder / "404.html").write_text(page.format("Nowhere"), encoding="utf-8")
        for lesson in ("03_chat_consumer", "04_online_counter"):
            for kind in ("lessons", "symptoms"):
                (folder / kind / lesson).mkdir(parents=True)
                index = folder / kind / lesson / "index.html"
                tasks = "".join(f'<h2 id="{place}">…</h2>' for place in PLACES)
                index.write_text(page.format(lesson) + tasks, encoding="utf-8")
        (folder / "script.js").write_text("1;\n", encoding="utf-8")
    (tmp_path / "secret").write_text("not a page", encoding="utf-8")
    monkeypatch.setenv("WORKSHOP_SITE", str(tmp_path / "site"))
    monkeypatch.setenv("WORKSHOP_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setenv("CI", "1")
    # Not in tmp_path: the system allows a socket only a short name.
    with tempfile.TemporaryDirectory(prefix="live-", ignore_cleanup_errors=True) as temporary:
        for variable in ("TMPDIR", "TEMP"):
            monkeypatch.setenv(variable, temporary)
        yield tmp_path


class Typed:
    """A verb that somebody has typed: its process, and the lines that it has printed so far."""

    def __init__(self, *arguments, **options):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "channels_workshop", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            **options,
        )
        self.lines = []
        self._queue = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._queue.put(line)
        self._queue.put(None)

    def until(self, pattern):
        """Wait for a line with `pattern` in it; return the match."""
        while True:
            try:
                line = self._queue.get(timeout=PATIENCE)
            except queue.Empty:
                line = None
            assert line is not None, f"no {pattern!r} in:\n" + "".join(self.lines)
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found

    def close(self):
        self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        self.process.stdout.close()


@contextlib.contextmanager
def typed(*arguments, **options):
    verb = Typed(*arguments, **options)
    try:
        yield verb
    finally:
        verb.close()


@contextlib.contextmanager
def opened(*arguments, end):
    """`up`, and the addresses of its pages and of the project, once both answer.

    It is ended as `end` says, and must leave nothing behind.
    """
    command = ["up", "--no-browser", "--lesson", "3", *arguments]
    with typed(*command, start_new_session=True) as up:
        pages = up.until(r"pages +(http://\S+)/$")[1]
        project = up.until(r"project +(http://\S+)/$")[1]
        up.until("Ctrl-C ends everything")
        get(pages + "/live/")
        yield up, pages, project
        with nothing_left_of(up.process):
            end(up.process)
    assert "Traceback" not in "".join(up.lines)


def press_ctrl_c(process):
    """A terminal sends the signal to all that it has started."""
    if not hasattr(os, "killpg"):  # Windows would send it to this process too
        crash(process)
        return
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(PATIENCE) == 0


def request_the_end(process):
    process.terminate()
    assert process.wait(PATIENCE) == (-signal.SIGTERM if os.name == "posix" else 1)


def crash(process):
    process.kill()


def get(address, **options):
    """Return the answer; until the server listens, the connection waits in its queue."""
    return httpx.get(address, trust_env=False, timeout=PATIENCE, **options)


def processes_of(session):
    """Return the ids of the processes that live in a session: whatever its first one started."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        # A zombie has ended; whoever started it has merely not looked yet.
        if int(fields[3]) == session and fields[0] != "Z":
            found.add(int(status.parent.name))
    return found


@contextlib.contextmanager
def nothing_left_of(process):
    """Check that all that `process`, the first of its session, has started is gone at the end."""
    if not hasattr(os, "pidfd_open"):  # elsewhere the end of strange processes is not seen
        yield
        return
    assert len(processes_of(process.pid)) > 2, "there is nothing to leave behind"
    yield
    process.wait(PATIENCE)
    while left := processes_of(process.pid):
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(left.pop())
            ended = select.select([handle], [], [], PATIENCE)[0]
            os.close(handle)
            assert ended, "left behind: " + " ".join(map(str, processes_of(process.pid)))


class Panel:
    """An open panel, or a page of the course at `path`: its regions as they are now."""

    def __init__(self, pages, language="en", path="/ws/live/{}/"):
        address = pages.replace("http:", "ws:") + path.format(language)
        # Whatever is not read is kept, or the end of the connection would wait behind it.
        self.socket = connect(address, origin=pages, proxy=None, max_queue=None)
        self.regions = {}

    def until(self, region, pattern):
        """Wait until `region` matches `pattern`; return the match."""
        while not (found := re.search(pattern, self.regions.get(region, ""))):
            try:
                self.regions.update(self.receive()["regions"])
            except TimeoutError:
                raise AssertionError(f"no {pattern!r} in:\n{self.regions.get(region)}") from None
        return found

    def receive(self):
        return json.loads(self.socket.recv(timeout=PATIENCE))

    def ask(self, **frame):
        self.socket.send(json.dumps(frame))


@contextlib.contextmanager
def panel_of(pages, language="en", **options):
    panel = Panel(pages, language, **options)
    with panel.socket:
        yield panel


# ---- What `up` serves and says.


def test_up_serves_the_pages_in_both_languages(environment):
    with opened(end=request_the_end) as (_up, pages, project):
        home = get(pages + "/")
        assert (home.status_code, home.headers["Location"]) == (302, "/en/")
        english, russian = get(pages + "/en/"), get(pages + "/ru/")
        assert "Home" in english.text
        assert "Начало" in russian.text
        # Every page leads to the panel in its own language, and to the project; files stay as
        # they are.
        assert 'href="/ru/live/"' in russian.text
        assert f'href="{project}/"' in russian.text
        script = get(pages + "/en/script.js")
        assert script.text == "1;\n"
        assert script.headers["Content-Type"].split(";")[0].endswith("/javascript")
        again = get(pages + "/en/script.js", headers={"If-None-Match": script.headers["ETag"]})
        assert again.status_code == 304
        assert get(pages + "/en/lessons").headers["Location"] == "lessons/"
        lost = get(pages + "/en/nothing/")
        assert (lost.status_code, "Nowhere" in lost.text) == (404, True)
        for outside in (
            "/en/../../secret",
            "/en/%2e%2e/%2e%2e/secret",
            "/live/static/../settings.py",
        ):
            assert get(pages + outside).status_code == 404
        assert get(pages + "/elsewhere").status_code == 404
        # A foreign page may neither listen nor press a button.
        address = pages.replace("http:", "ws:") + "/ws/live/en/"
        with pytest.raises(InvalidStatus, match="403"):
            connect(address, origin="http://evil.example", proxy=None)


@pytest.mark.slow
def test_a_page_of_the_course_shows_how_things_stand_and_starts_its_lesson(environment):
    Workspace().start(LESSON, at="deliver")
    with opened(end=press_ctrl_c) as (_up, pages, _project), panel_of(pages) as live:
        live.until("status", f"{BEFORE} of {TOTAL} points · checked")
        live.until("title", f"^○ {BEFORE}/{TOTAL}$")
        here = get(pages + "/en/lessons/03_chat_consumer/").text
        assert 'data-live="/ws/page/en/03_chat_consumer"' in here
        assert f"03 ○ {BEFORE}/{TOTAL}" in here
        assert 'data-do="start"' not in here
        for place in PLACES:
            assert f'<div class="workshop-here" data-region="{place}"></div>' in here
        assert "workshop-here" not in get(pages + "/en/").text
        other = get(pages + "/ru/lessons/04_online_counter/").text
        assert re.search('data-do="start" data-what="04_online_counter">Начать этот урок<', other)
        with panel_of(pages, path="/ws/page/{}/04_online_counter") as page:
            page.until("badge", "Start this lesson")
            page.ask(do="start", what="04_online_counter")
            page.until("badge", "04 ○ 2/")
            assert "data-do" not in page.regions["badge"]
            page.until("badge", 'data-lesson="03"(?s:.*?)●●●○')
            # The list on the panel leads back, and starts nothing anew.
            live.until("lesson", 'aria-current="true">\\s*<span class="quiet">04')
            live.ask(do="open", what="03_chat_consumer")
            page.until("badge", f"Continue this lesson(?s:.*)03 ○ {BEFORE}/{TOTAL}")
        live.ask(do="open", what="05_token_middleware")
        live.until("status", 'data-do="start" data-what="05_token_middleware"')
        live.until("links", "Open the finished project")
    assert not (environment / "workspace" / FILE).exists()


def test_a_second_up_is_told_where_the_first_is(environment):
    workspace = environment / "workspace"
    workspace.mkdir()
    (workspace / FILE).write_text('{"address": "http://127.0.0.1:9/"}', encoding="utf-8")  # stale
    command = [sys.executable, "-m", "channels_workshop", "up", "--no-browser"]
    with opened(end=crash) as (_up, pages, _project):
        second = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PATIENCE)
        assert (second.returncode, second.stdout) == (2, "")
        assert f"The workshop is running already: {pages}/en/live/" in second.stderr
    # It has crashed, and its word is still there: nobody believes it.
    assert json.loads((workspace / FILE).read_bytes())["address"] == f"{pages}/"
    assert address_of_running(workspace) is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"address": 7}', '{"address": "http://nowhere.invalid/"}']
)
def test_word_of_a_running_up_that_is_no_word_is_none(content, tmp_path):
    assert address_of_running(tmp_path) is None
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    assert address_of_running(tmp_path) is None


@pytest.mark.slow
def test_the_verdict_follows_each_save(environment):
    folder = Workspace().start(LESSON, at="deliver")
    consumers = folder / "chat" / "consumers.py"
    starter = consumers.read_text(encoding="utf-8")
    with opened(end=crash) as (up, pages, project), panel_of(pages) as panel:
        assert get(project + "/chat/tea/").status_code == 200
        # What nobody has begun is something to do, not something that went wrong.
        panel.until("tasks", r"chat/consumers\.py:\d+")
        panel.until("status", f"3 of 4 tasks done(?s:.*){BEFORE} of {TOTAL} points · checked")
        assert panel.regions["failure"] == ""
        assert panel.regions["checks"].count('data-status="ahead"') == len(DELIVER)
        assert 'data-status="fail"' not in panel.regions["checks"]
        up.until(f"●●●○  {BEFORE} of {TOTAL} points")
        up.until("Next: Deliver")
        up.until(r"chat/consumers\.py:\d+")
        panel.ask(do="hint", what="deliver")
        panel.until("hints", "1/3")

        unheard = starter.replace(NOT_WRITTEN, 'self.send("forgotten")')
        consumers.write_text(unheard, encoding="utf-8")
        panel.until("failure", "A message reaches everyone in the room(?s:.*)never awaited")
        up.until("✗ A message reaches everyone in the room")

        # What does not start says so at the project's address, takes nothing that was reached, and
        # comes back.
        consumers.write_text(starter + "\n)\n", encoding="utf-8")
        panel.until("status", r"does not start(?s:.*)chat/consumers\.py:\d+(?s:.*)SyntaxError")
        up.until("SyntaxError")
        assert panel.regions["title"] == "✗"
        assert panel.regions["tasks"].count(">●<") == 3
        assert "1/3" in panel.regions["hints"]
        broken = get(project + "/chat/tea/")
        assert broken.status_code == 503
        assert "chat/consumers.py" in broken.text

        solved = starter.replace(NOT_WRITTEN, DELIVERED)
        consumers.write_text(solved, encoding="utf-8")
        panel.until("status", "The lesson is done(?s:.*)Done: Deliver(?s:.*)diff 03")
        panel.until("title", f"✓ {TOTAL}/{TOTAL}")
        assert panel.regions["failure"] == ""
        up.until(f"●●●●  {TOTAL} of {TOTAL} points")
        up.until("Task done: Deliver")
        assert get(project + "/chat/tea/").status_code == 200

        # What the project prints reaches the terminal and the panel.
        print_room = "def room(request, room):\n    print('a room:', room)\n"
        views = folder / "chat" / "views.py"
        text = views.read_text(encoding="utf-8")
        views.write_text(text.replace("def room(request, room):\n", print_room), encoding="utf-8")
        panel.until("status", "Checking")  # and while it checks, the tool crashes
        get(project + "/chat/tea/")
        panel.until("printed", "a room: tea")
        up.until("│ a room: tea")


@pytest.mark.slow
def test_a_change_of_language_judges_nothing_and_leaves_the_terminal_alone(environment):
    folder = Workspace().start(LESSON, at="deliver")
    consumers = folder / "chat" / "consumers.py"
    starter = consumers.read_text(encoding="utf-8")
    with opened(end=press_ctrl_c) as (up, pages, _project), panel_of(pages) as english:
        up.until(f"{BEFORE} of {TOTAL} points")
        unheard = starter.replace(NOT_WRITTEN, "pass")
        consumers.write_text(unheard, encoding="utf-8")
        english.until("status", "Checking")
        with panel_of(pages, "ru") as russian:
            at = russian.until("status", rf"{BEFORE} из {TOTAL} · проверено в (\S+)</p>")[1]
            russian.until("failure", "Ожидалось(?s:.*)Получено(?s:.*)Шаг за шагом")
            english.until("status", rf"{BEFORE} of {TOTAL} points · checked at {at}")
            english.until("failure", "Expected(?s:.*)Actual(?s:.*)Step by step")
        up.until("expected: ")
        # Whatever was judged for a language would be here before the verdict on this save.
        consumers.write_text(starter.replace(NOT_WRITTEN, DELIVERED), encoding="utf-8")
        up.until(f"{TOTAL} of {TOTAL} points")
        printed = "".join(up.lines)
        assert printed.count(" points  ") == 3
        assert not re.search("[а-яё]{4}", printed, re.IGNORECASE)


def test_a_save_ends_the_check_and_its_process(environment):
    folder = Workspace().start(LESSON)
    consumers = folder / "chat" / "consumers.py"
    starter = consumers.read_text(encoding="utf-8")
    silent = starter.replace(
        "await self.accept()", "import asyncio\n        await asyncio.Event().wait()", 1
    )
    with opened(end=crash) as (up, pages, _project), panel_of(pages) as panel:
        panel.until("status", "checked at")
        consumers.write_text(silent, encoding="utf-8")
        panel.until("status", "Checking: 0 of [1-9]")
        judging = judging_processes(up.process.pid)
        # Ten saves at once: one verdict, on the last.
        for number in range(10):
            consumers.write_text(f"{silent}# {number}\n", encoding="utf-8")
        consumers.write_text(f"{starter}# the last\n", encoding="utf-8")
        up.until(f" [1-9] of {TOTAL} points")  # of the first check
        up.until(f" [1-9] of {TOTAL} points")
        assert "".join(up.lines).count(" points  ") == 2
        if judging:
            assert judging - judging_processes(up.process.pid)


def judging_processes(session):
    """Return the processes of a session that judge, or wait to; none where that is not seen."""
    found = set()
    for process in processes_of(session):
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
            if b"channels_workshop.judging" in command:
                found.add(process)
    return found


@pytest.mark.on_demand
def test_a_newcomer_is_led_from_lesson_to_lesson(environment):
    with (
        opened("--lesson", "1", end=press_ctrl_c) as (up, pages, project),
        panel_of(pages) as panel,
    ):
        for lesson in all_lessons()[:3]:
            # One button begins, and says where to write; the project of before makes room.
            panel.until("status", f'data-do="start" data-what="{lesson.name}"')
            panel.ask(do="start", what=lesson.name)
            panel.until("lesson", f"Lesson {lesson.number:02}")
            panel.until("tasks", r"<code>\w+/\w+\.py:\d+</code>")
            panel.until("status", f"0 of {len(lesson.tasks)} tasks done(?s:.*) · checked")
            assert panel.regions["failure"] == ""
            assert not Workspace().missing(lesson)

            write_project(lesson, Workspace().folder(lesson))
            panel.until("status", "The lesson is done")
            up.until(f"{lesson.name}: your project is at {project}")
            up.until(f"start {lesson.number + 1:02}")
            assert get(project).status_code == 200


def test_the_panel_starts_a_lesson_and_gives_hints_on_the_next_free_port(environment):
    with (
        listen(18300) as taken,
        opened("--port", str(port_of(taken)), end=press_ctrl_c) as (up, pages, project),
        panel_of(pages, "ru") as panel,
    ):
        assert f"Port {port_of(taken)} is taken" in "".join(up.lines)
        assert int(pages.rpartition(":")[2]) > port_of(taken)
        panel.until("status", "Начать этот урок")
        panel.until("links", "Открыть готовый проект")
        assert get(project + "/").status_code == 200
        assert [path.name for path in (environment / "workspace").iterdir()] == [FILE]

        panel.ask(do="start", what=LESSON.name)
        panel.until("links", "Открыть ваш проект")
        panel.ask(do="hint", what="join")
        panel.until("hints", "В имени группы — только латиница")
        assert "1/3" in panel.regions["hints"]
        for frame in ("", b"bytes", "[]", '{"do": "rm"}', '{"do": "hint", "what": 7}'):
            panel.socket.send(frame)
            answer = panel.receive()
            while answer.get("type") != "error":  # the board goes on changing meanwhile
                answer = panel.receive()
            assert answer["code"] == "not_understood"
        panel.ask(do="start", what="../elsewhere")
        panel.ask(do="hint", what="no such task")
        panel.ask(do="hint", what="join")
        panel.until("hints", "2/3")
        assert up.process.poll() is None
    if hasattr(os, "killpg"):
        assert not list(Path(os.environ["TMPDIR"]).iterdir())


# ---- `run`.


needs_linux = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="the end of strange processes is seen by pidfd_open"
)

#: Takes its standard input for the terminal that it belongs to, then becomes the given command.
ON_A_TERMINAL = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored, and so would be by us
os.close(os.open(os.ttyname(0), os.O_RDWR))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@needs_linux
def test_run_serves_a_copy_of_the_reference_until_the_terminal_is_closed(environment):
    import pty

    before = sorted(LESSON.folder.rglob("*"))
    terminal, inside = pty.openpty()
    command = [sys.executable, "-c", ON_A_TERMINAL]
    command += ["-m", "channels_workshop", "run", "3", "--port", "18400"]
    log = (environment / "log").open("w+b")
    run = subprocess.Popen(command, stdin=inside, stdout=log, stderr=log, start_new_session=True)
    try:
        os.close(inside)
        project = wait_for_line(environment / "log", r"http://[^/]+")
        address = project.replace("http:", "ws:") + "/ws/chat/tea/"
        with connect(address, origin=project, proxy=None) as socket:
            socket.send('{"message": "hello"}')
            assert json.loads(socket.recv(timeout=PATIENCE)) == {"message": "hello"}
        with nothing_left_of(run):
            os.close(terminal)
    finally:
        run.kill()
        run.wait()
        log.close()
    assert sorted(LESSON.folder.rglob("*")) == before


def wait_for_line(path, pattern):
    """Return what matches `pattern` in a file that is being written."""
    import watchfiles

    for _changed in watchfiles.watch(path, rust_timeout=1000, yield_on_timeout=True, step=10):
        if found := re.search(pattern, path.read_text(encoding="utf-8")):
            return found[0]
    raise AssertionError


def test_run_mine_follows_each_save(environment):
    folder = Workspace().start(LESSON)
    rooms = folder / "chat" / "rooms.py"
    text = rooms.read_text(encoding="utf-8")
    rooms.write_text("import nothing_of_the_kind\n", encoding="utf-8")
    command = ["run", "3", "--mine", "--port", "18600"]
    with typed(*command, start_new_session=True) as run:
        project = run.until(r"your project is at (http://\S+)/$")[1]
        run.until("does not start")
        run.until("chat/rooms.py:1")
        run.until("ModuleNotFoundError: No module named 'nothing_of_the_kind'")
        assert "channels_workshop" not in "".join(run.lines)
        assert get(project + "/").status_code == 503
        rooms.write_text(text, encoding="utf-8")
        run.until("Reloaded")
        assert get(project + "/").status_code == 200
        with nothing_left_of(run.process):
            press_ctrl_c(run.process)
    assert not (folder / "db.sqlite3").exists()


def test_run_the_example_of_a_page(environment):
    command = ["run", "3", "--example", "--port", "18650"]
    with typed(*command, start_new_session=True) as run:
        project = run.until(r"the example is at (http://\S+)/$")[1]
        assert "<form" in get(project + "/").text
        with nothing_left_of(run.process):
            press_ctrl_c(run.process)
    assert not (environment / "workspace").exists()


@needs_linux
def test_run_with_several_workers(environment):
    command = ["run", "3", "--workers", "3", "--port", "18700"]
    with typed(*command, start_new_session=True) as run:
        project = run.until(r"(http://\S+)/$")[1]
        assert get(project + "/").status_code == 200
        serving = [
            process
            for process in processes_of(run.process.pid)
            if project.rpartition(":")[2] in listening_ports(process)
        ]
        assert len(serving) == 4  # and the one that keeps the socket
        with nothing_left_of(run.process):
            crash(run.process)


def listening_ports(process):
    inodes = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A":
            inodes[f"socket:[{fields[9]}]"] = str(int(fields[1].rpartition(":")[2], 16))
    links = {str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()}
    return [inodes[link] for link in links & inodes.keys()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run", "Say which lesson: "),
        ("run 99", "There is no lesson “99”"),
        ("run 3 --port 0", "0 is not in the range"),
        ("run 3 --port http", "'http' is not a valid integer"),
        ("run 3 --workers 0", "0 is not in the range"),
        ("run 3 4", "unexpected extra argument"),
        ("run 3 --mine", "You have not started 03_chat_consumer yet."),
        ("up 3", "unexpected extra argument"),
        ("up --port 65536", "65536 is not in the range"),
        ("up --lesson 99", "There is no lesson “99”"),
        ("up --lesson", "requires an argument"),
        ("up --bad", "No such option '--bad'"),
    ],
)
def test_wrong_usage_exits_2(environment, arguments, said, monkeypatch, capsys):
    from channels_workshop.cli import main

    monkeypatch.setenv("LANGUAGE", "")  # `speak` sets it; put back afterwards
    monkeypatch.setattr(sys, "argv", ["workshop.py", *arguments.split()])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert said in capsys.readouterr().err


# ---- A project behind an address.


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    write_project(LESSON, folder)
    return folder


def serve(address, project, lesson=LESSON):
    """Serve `project` at `address`; return the traceback if it does not start."""
    broken = address.load(lesson, project)
    address.exchange()
    return broken.traceback if broken else ""


def test_a_project_is_exchanged_behind_its_address(project, tmp_path):
    routing = project / "chat" / "routing.py"
    with listen(18800) as listener, ProjectAddress(listener, tmp_path / "log") as address:
        assert serve(address, project) == ""
        assert get(address.address).status_code == 200
        routing.write_text("1 / 0\n", encoding="utf-8")
        broken = address.load(LESSON, project)
        assert broken.place == "chat/routing.py:1"
        assert broken.headline == "ZeroDivisionError: division by zero"
        assert get(address.address).status_code == 200  # what was served before still is
        address.exchange()
        page = get(address.address)
        assert page.status_code == 503
        assert "chat/routing.py" in page.text
        assert "channels_workshop" not in page.text
        # Who would cancel a start that is over ends nothing.
        assert address.load(LESSON, project) is not None
        address.cancel_start()
        address.exchange()
        assert get(address.address).status_code == 503
        # It takes its process with it, and still somebody answers.
        routing.write_text("import os\nos._exit(7)\n", encoding="utf-8")
        assert "exit code 7" in serve(address, project)
        assert "exit code 7" in get(address.address).text


def test_a_project_is_exchanged_where_the_system_cannot_fork(project, tmp_path):
    log = tmp_path / "log"
    with listen(18850) as listener, ProjectAddress(listener, log, forks=False) as address:
        assert serve(address, project) == ""
        assert get(address.address).status_code == 200
        (project / "chat" / "routing.py").write_text("1 / 0\n", encoding="utf-8")
        assert serve(address, project).endswith("ZeroDivisionError: division by zero")
        assert get(address.address).status_code == 503


def test_a_project_that_stores_something_gets_its_database_and_its_demo_data(project, tmp_path):
    log = tmp_path / "log"
    with listen(18870) as listener, ProjectAddress(listener, log, workers=2) as address:
        assert serve(address, project) == ""
        assert not (project / "db.sqlite3").exists()  # it stores nothing
        for package in ("migrations", "management", "management/commands"):
            (project / "chat" / package).mkdir()
            (project / "chat" / package / "__init__.py").touch()
        (project / "chat" / "migrations" / "0001_initial.py").write_text(
            "from django.db import migrations\n"
            "class Migration(migrations.Migration):\n"
            "    operations = []\n",
            encoding="utf-8",
        )
        (project / "chat" / "management" / "commands" / "demo.py").write_text(
            "from django.core.management import BaseCommand\n"
            "class Command(BaseCommand):\n"
            "    def handle(self, **options): print('demo data')\n",
            encoding="utf-8",
        )
    with listen(18870) as listener, ProjectAddress(listener, log, workers=2) as address:
        assert serve(address, project) == serve(address, project) == ""
        assert (project / "db.sqlite3").stat().st_size
        assert log.read_text(encoding="utf-8").count("demo data") == 1


def test_a_start_that_is_not_wanted_any_more_is_cancelled(project, tmp_path):
    with listen(18900) as listener, ProjectAddress(listener, tmp_path / "log") as address:
        serve(address, project)
        (project / "chat" / "routing.py").write_text(
            "import threading\nprint('here')\nthreading.Event().wait()\n", encoding="utf-8"
        )
        waiter = threading.Thread(
            target=lambda: wait_for_line(tmp_path / "log", "here") and address.cancel_start()
        )
        waiter.start()
        with pytest.raises(StartCancelled):
            address.load(LESSON, project)
        waiter.join()
        assert get(address.address).status_code == 200


def test_an_endless_loop_in_a_project_is_ended(project, tmp_path):
    views = project / "chat" / "views.py"
    views.write_text(
        "async def lobby(request):\n    print('here')\n    while True: pass\nroom = lobby\n",
        encoding="utf-8",
    )
    with listen(19000) as listener, ProjectAddress(listener, tmp_path / "log") as address:
        serve(address, project)
        stopper = threading.Thread(
            target=lambda: wait_for_line(tmp_path / "log", "here") and address.stop()
        )
        stopper.start()
        with pytest.raises(httpx.TransportError):
            get(address.address)
        stopper.join()
        assert address.sentinels == []


@pytest.mark.parametrize(
    ("variables", "shown"),
    [({"DISPLAY": ":0"}, 1), ({}, sys.platform != "linux"), ({"DISPLAY": ":0", "CI": "1"}, 0)],
    ids=["a screen", "no screen", "CI"],
)
def test_a_browser_is_opened_where_somebody_sees_it(variables, shown, monkeypatch):
    opened = []
    monkeypatch.setattr(live_up.webbrowser, "open", opened.append)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    live_up.show_in_browser("http://127.0.0.1:8100/")
    assert len(opened) == shown


def test_where_no_port_is_free():
    with listen(65535), pytest.raises(WorkshopError, match="No port from 65535 on is free"):
        listen(65535)


# ---- The controller: which lesson it is at, and what it does not finish.


class FakeJudge:
    """Judges as `judged(job)` says, which yields events. It waits there for what it likes."""

    def __init__(self):
        self.judged = passing
        self.jobs = []
        self.cancelled = threading.Event()

    def judge(self, job):
        # No generator: its first line would run in a thread, after a test has set another `judged`.
        self.jobs.append(job)
        self.cancelled.clear()
        return self.judged(job)

    def until_cancelled(self, job):
        yield Began([], 0)
        assert self.cancelled.wait(PATIENCE)

    def cancel(self):
        self.cancelled.set()

    def warm(self):
        pass

    warm_spare = warm

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        pass


class FakeProject:
    """An address at which nobody serves; `loaded` are the projects that were to be."""

    address = "http://127.0.0.1:9/"

    def __init__(self):
        self.loaded = []
        self.broken = None
        self.refuse = lambda: None

    def load(self, lesson, folder, environment):
        self.loaded.append(folder)
        self.refuse()
        return self.broken

    def exchange(self):
        pass

    cancel_start = exchange

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        pass


def results_of(job, status="pass", tasks=None):
    """Return a result for each check of the lesson, or of some of its tasks."""
    checks = load_lesson(Path(job.lesson)).checks
    failure = Failure(message("this"), message("that")) if status == "fail" else None
    return [
        Result(check.id, check.task, status, check.points, failure)
        for check in checks
        if tasks is None or check.task in tasks
    ]


def passing(job):
    results = results_of(job)
    yield Began([result.id for result in results], 0)
    for result in results:
        yield CheckEnded(result)
    yield Ended(Verdict(Path(job.lesson).name, job.target, results))


class Seen:
    """What a controller's listener was told, in order."""

    def __init__(self, controller):
        self.states = []
        self.judged = None
        self._arrived = asyncio.Event()
        controller.listeners.append(self)

    def __call__(self, before, after):
        self.states.append(after)
        self._arrived.set()

    async def until(self, condition):
        """Return the first state, not returned before, that meets `condition`."""
        async with asyncio.timeout(PATIENCE):
            while True:
                while self.states:
                    state = self.states.pop(0)
                    if condition(state):
                        return state
                self._arrived.clear()
                await self._arrived.wait()

    async def verdict(self):
        """Return the first state with a verdict that was not there before."""
        state = await self.until(lambda state: state.judged and state.judged is not self.judged)
        self.judged = state.judged
        return state


@pytest.fixture
def two_lessons(tmp_path):
    """Copies of lesson 03, the second as lesson 04."""
    lessons = []
    for name in (LESSON.name, "04_chat_again"):
        folder = tmp_path / "lessons" / name
        write_project(LESSON, folder)
        shutil.copy(LESSON.folder / "lesson.toml", folder)
        shutil.copytree(LESSON.folder / "stubs", folder / "stubs")
        lessons.append(load_lesson(folder))
    return lessons


@pytest.fixture
async def live(environment, two_lessons):
    """A running controller at lesson 03, with a judge and a project of ours; and what it says."""
    with listen(19100) as listener:
        judge, project = FakeJudge(), FakeProject()
        controller = Controller(two_lessons, two_lessons[0], listener, judge=judge, project=project)
        seen = Seen(controller)
        running = asyncio.create_task(controller.run())
        yield SimpleNamespace(
            controller=controller,
            seen=seen,
            judge=judge,
            project=project,
            lessons=two_lessons,
            folder=Workspace().folder(two_lessons[0]),
        )
        judge.cancelled.set()
        controller.stop()
        async with asyncio.timeout(PATIENCE):
            await running


def save(folder, path, old, new):
    """Replace `old` in a learner's file, and return the file."""
    file = folder / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


async def test_it_moves_on_when_the_next_lesson_is_started(live):
    live.controller.start_lesson(live.lessons[0].name)
    state = await live.seen.verdict()
    assert (state.lesson, state.status) == (live.lessons[0], "passed")
    assert state.changed == ()
    assert state.judged.newly_done == state.lesson.tasks
    live.controller.start_lesson(live.lessons[1].name)
    state = await live.seen.verdict()
    assert (state.lesson, state.folder.name) == (live.lessons[1], "04_chat_again")
    assert Progress().last_lesson == "04_chat_again"
    # Made from elsewhere, a lesson is noticed too; and a save in another leads back there.
    save(live.folder, "chat/rooms.py", 'return "chat"', "return room")
    state = await live.seen.verdict()
    assert (state.lesson, state.changed) == (live.lessons[0], (PurePosixPath("chat/rooms.py"),))
    # `start` in another terminal, for work that is there: it touches the progress alone.
    Workspace().start(live.lessons[1])
    state = await live.seen.verdict()
    assert (state.lesson, state.changed) == (live.lessons[1], ())


async def test_the_judge_is_asked_for_the_task_in_hand_first(live):
    live.judge.judged = lambda job: iter(
        [Ended(Verdict("", "", results_of(job, "pass", ["join"])))]
    )
    live.controller.start_lesson(live.lessons[0].name)
    await live.seen.verdict()
    live.controller.judge_again()
    await live.seen.until(lambda state: state.is_checking)
    state = await live.seen.until(lambda state: not state.is_checking)
    assert [job.first for job in live.judge.jobs] == ["join", "leave"]
    assert all(job.stops_early for job in live.judge.jobs)
    assert state.current_task.id == "leave"


async def test_a_newer_save_ends_the_check_of_an_older_one(live):
    live.judge.judged = live.judge.until_cancelled
    live.controller.start_lesson(live.lessons[0].name)
    await live.seen.until(lambda state: state.is_checking)
    live.judge.judged = passing
    save(live.folder, "chat/rooms.py", 'return "chat"', "return room")
    state = await live.seen.verdict()
    assert state.changed == (PurePosixPath("chat/rooms.py"),)
    assert len(live.judge.jobs) == 2


async def test_many_requests_while_a_check_runs_lead_to_one_verdict(live):
    live.judge.judged = live.judge.until_cancelled
    live.controller.start_lesson(live.lessons[0].name)
    await live.seen.until(lambda state: state.is_checking)
    live.judge.judged = passing
    for _each in range(10):
        live.controller.judge_again()
    await live.seen.verdict()
    assert len(live.judge.jobs) == 2


async def test_a_failure_is_shown_while_later_checks_still_run(live):
    begun, not_begun = live.lessons[0].tasks[:2]
    shown = threading.Event()

    def failing(job):
        # Of a task that nobody has begun a failure is none.
        for task in (not_begun, begun):
            yield from map(CheckEnded, results_of(job, "fail", [task.id]))
        assert shown.wait(PATIENCE)
        yield Ended(Verdict("", "", results_of(job, "fail")))

    live.controller.start_lesson(live.lessons[0].name)
    await live.seen.verdict()
    live.judge.judged = failing
    save(live.folder, "chat/rooms.py", 'return "chat"', "return room")
    state = await live.seen.until(lambda state: state.is_checking and state.first_failure)
    assert state.first_failure.task == begun.id
    assert not any(found.task == begun.id for found in state.so_far[:-1])
    shown.set()
    state = await live.seen.verdict()
    assert state.first_failure.task == begun.id
    assert [task for task in state.lesson.tasks if state.is_begun(task)] == [begun]

    # What has failed before does not stand any more once it passes, whatever came after it.
    live.judge.judged = passing
    live.controller.judge_again()
    state = await live.seen.until(lambda state: state.so_far)
    while state.is_checking:
        passed = {found.id for found in state.so_far}
        assert state.first_failure is None or state.first_failure.id not in passed
        state = await live.seen.until(lambda state: True)
    assert state.first_failure is None


async def test_a_save_is_served_though_its_start_was_cancelled(live):
    refused, loop = asyncio.Event(), asyncio.get_running_loop()

    def refuse_once():
        if live.project.loaded == [live.folder]:
            loop.call_soon_threadsafe(refused.set)
            raise StartCancelled

    await live.seen.until(lambda state: state.at is not None)  # the reference is served
    live.project.loaded.clear()
    live.project.refuse = refuse_once
    live.controller.start_lesson(live.lessons[0].name)
    async with asyncio.timeout(PATIENCE):
        await refused.wait()
    live.controller.judge_again()  # asks for no start by itself
    assert (await live.seen.verdict()).status == "passed"
    assert live.project.loaded == [live.folder] * 2


@pytest.mark.parametrize("found_by", ["start", "judge"])
async def test_a_project_that_does_not_start_keeps_what_was_reached(live, found_by):
    live.judge.judged = lambda job: iter(
        [Ended(Verdict("", "", [*results_of(job, "pass", ["join"])]))]
    )
    live.controller.start_lesson(live.lessons[0].name)
    await live.seen.verdict()
    live.controller.show_hint("leave")
    broken = DoesNotRun("SyntaxError: no", "chat/consumers.py", 7)
    if found_by == "start":
        live.project.broken = broken
    else:
        verdict = Verdict("", "", [], broken)
        live.judge.judged = lambda job: iter([Ended(verdict)])
    save(live.folder, "chat/rooms.py", 'return "chat"', "return room")
    state = await live.seen.until(lambda state: state.status == "broken")
    assert state.does_not_run == broken
    assert (state.passed(state.lesson.task("join")), state.current_task.id) == (True, "leave")
    assert state.progress.hints == {"leave": 1}
    assert state.first_failure is None
    assert (len(live.judge.jobs) == 1) == (found_by == "start")
    # Judged again, it is no more said to be broken than it is.
    live.project.broken, live.judge.judged = None, passing
    live.controller.judge_again()
    state = await live.seen.until(lambda state: state.is_checking and state.to_run)
    assert state.status == "looking" if found_by == "judge" else state.does_not_run is None
    assert (await live.seen.until(lambda state: not state.is_checking)).status == "passed"


async def test_what_prevents_a_verdict_is_said_until_there_is_one(live):
    why = NotJudged(message("nothing works"), message("turn it off"))
    live.judge.judged = lambda job: iter([why])
    live.controller.start_lesson(live.lessons[0].name)
    state = await live.seen.until(lambda state: state.status == "problem")
    assert str(state.problem) == "nothing works\nturn it off"
    live.judge.judged = passing
    live.controller.judge_again()
    assert (await live.seen.verdict()).status == "passed"


async def test_lines_printed_while_it_is_judged_are_shown(live):
    live.judge.judged = lambda job: iter([Printed(["one", "two"]), *passing(job)])
    live.controller.start_lesson(live.lessons[0].name)
    state = await live.seen.verdict()
    assert [(line.number, line.text) for line in state.lines] == [(1, "one"), (2, "two")]
    assert all(line.while_checked for line in state.lines)


async def test_whoever_edits_the_reference_is_told_where_theirs_is(live):
    live.controller.start_lesson(live.lessons[0].name)
    await live.seen.verdict()
    (live.lessons[0].folder / "chat" / "views.py").touch()
    state = await live.seen.until(lambda state: state.reference_saved)
    assert state.reference_saved == (PurePosixPath("chat/views.py"),)
    assert "Yours is" in regions_of(state)["status"]
    save(live.folder, "chat/rooms.py", 'return "chat"', "return room")
    assert not (await live.seen.verdict()).reference_saved
    assert len(live.judge.jobs) == 2


async def test_a_save_is_seen_though_the_system_reports_nothing(environment, monkeypatch):
    # It looks for events once in a thousand seconds.
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")
    monkeypatch.setenv("WATCHFILES_POLL_DELAY_MS", "1000000")
    workspace = Workspace()
    workspace.start(LESSON)
    found = asyncio.Queue()
    saves = Saves([LESSON], workspace, Progress())
    following = asyncio.create_task(saves.follow(lambda *saved: found.put_nowait(saved)))
    save(workspace.folder(LESSON), "chat/rooms.py", 'return "chat"', "return room")
    async with asyncio.timeout(PATIENCE):
        assert await found.get() == (LESSON, [PurePosixPath("chat/rooms.py")])
        # So is a workspace that was removed, and one that is new.
        shutil.rmtree(workspace.root)
        assert len((await found.get())[1]) > 3
        workspace.start(LESSON)
        assert await found.get() == (LESSON, [])
    following.cancel()


async def test_a_fault_of_ours_ends_everything_and_is_raised(environment):
    class Faulty(FakeProject):
        def load(self, lesson, folder, environment):
            raise ZeroDivisionError

    with listen(19100) as listener:
        judge = FakeJudge()
        controller = Controller([LESSON], LESSON, listener, judge=judge, project=Faulty())
        with pytest.raises(BaseExceptionGroup):
            async with asyncio.timeout(PATIENCE):
                await controller.run()
    assert controller.has_ended
    assert controller.error.subgroup(ZeroDivisionError)


# ---- The panel: a state in words.


def regions_of(state, language="en", **options):
    set_up_django(settings)
    return panel.regions(SimpleNamespace(state=state, lessons=[LESSON]), language, **options)


def a_failure(**parts):
    moments = [Moment(f"person {number}", "sends", '"\\u0436"') for number in range(9)]
    return Failure(message("nothing"), message("{n} of it", n="<b>\x83"), moments, **parts)


async def test_a_failure_is_shown_in_the_words_of_the_page(live):
    known = LESSON.known_errors[0]
    failure = a_failure(
        file="chat/consumers.py", line=7, warning="RuntimeWarning: x", known=known.id, input="{}"
    )
    task = LESSON.tasks[0].id
    (first, *_), left_out = LESSON.checks_of(LESSON.tasks[0]), LESSON.checks_of(LESSON.tasks[1])[0]
    results = [
        Result(first.id, task, "fail", 1, failure),
        Result(left_out.id, left_out.task, "not_run", 1, None, message("Left out."), True),
    ]
    live.judge.judged = lambda job: iter([Ended(Verdict("", "", results))])
    live.controller.start_lesson(live.lessons[0].name)
    await live.seen.verdict()
    save(live.folder, "chat/rooms.py", 'return "chat"', "return room")
    await live.seen.verdict()
    save(live.folder, "chat/consumers.py", "pass", "self.left = True")
    state = await live.seen.verdict()
    english, russian = regions_of(state), regions_of(state, "ru")
    shown = english["failure"]
    assert first.title.en.partition(":")[0] in shown
    assert f'symptoms/{state.lesson.name}/#{known.anchor}">{known.title.en}' in shown
    assert "&lt;b&gt;\\x83 of it" in shown
    assert "chat/consumers.py:7" in shown
    assert f'data-copy="{live.folder.as_posix()}/chat/consumers.py:7"' in shown
    # The cause comes first; of the story the last six moments, the rest folded.
    assert shown.index("RuntimeWarning") < shown.index("Step by step")
    folded, _, open_ = shown.partition("</details>")
    assert "3 earlier steps" in folded
    assert [folded.count("person"), open_.count("person")] == [3, 6]
    assert "ж" in open_
    assert "3 шага до этого" in russian["failure"]
    assert known.title.ru in russian["failure"]
    assert "Ожидалось" in russian["failure"]
    assert "Left out." in english["checks"]
    assert current() == "en"
    # The page of the lesson says it below the task; what is folded is another task's hints.
    page = regions_of(state, page=state.lesson.name)
    assert '<section class="failure">' in page[task]
    assert known.title.en in page[task]
    assert shown.splitlines()[-1] in page[task]
    assert "data-current" in page[task]
    assert '<section class="failure">' not in page[left_out.task]
    assert "Left out." in page[left_out.task]
    assert f'data-do="hint" data-what="{left_out.task}"' in page[left_out.task]
    assert f'data-beside="{state.address}"' in page["begin"]
    # Another lesson's page has no task of this one, and leads to its own.
    other = live.lessons[1]
    page = regions_of(state, page=other.name)
    assert [page[task.id] for task in other.tasks] == [""] * len(other.tasks)
    assert f'data-do="start" data-what="{other.name}"' in page["begin"]
    assert set(regions_of(state, page="")) == {"title", "badge"}


async def test_what_does_not_start_is_told_below_the_task_at_hand(live):
    live.controller.start_lesson(live.lessons[0].name)
    state = await live.seen.verdict()
    broken = DoesNotRun("NameError: name 'x'", "a.py", 3)
    passed = regions_of(replace(state, broken=broken), page=state.lesson.name)
    assert [place for place, html in passed.items() if "NameError" in html] == ["begin"]
    Progress().start_over(state.lesson)
    live.controller.judge_again()
    live.judge.judged = lambda job: iter([Ended(Verdict("", "", results_of(job, "fail")))])
    state = await live.seen.until(lambda state: state.current_task)
    begun = regions_of(replace(state, broken=broken), page=state.lesson.name)
    told = [place for place, html in begun.items() if "NameError" in html]
    assert told == [state.current_task.id]


async def test_a_line_leads_into_an_editor_that_is_there(live, monkeypatch):
    live.controller.start_lesson(live.lessons[0].name)
    state = await live.seen.verdict()
    Progress().start_over(state.lesson)
    live.controller.judge_again()
    live.judge.judged = lambda job: iter([Ended(Verdict("", "", results_of(job, "fail")))])
    state = await live.seen.until(lambda state: state.current_task)
    monkeypatch.setenv("TERM_PROGRAM", "vscode")
    assert f"vscode://file{live.folder.as_posix()}/chat/rooms.py:" in regions_of(state)["tasks"]
    monkeypatch.setenv("TERM_PROGRAM", "")
    monkeypatch.setenv("PATH", "")
    if sys.platform != "darwin":  # where it may be, though on no PATH
        assert "vscode" not in regions_of(state)["tasks"]


LIVE = Path(panel.__file__).parent
CATALOGUE = LIVE / "locale" / "ru" / "LC_MESSAGES" / "django.po"


@pytest.fixture(scope="module")
def russian():
    with CATALOGUE.open("rb") as file:
        return read_po(file)


def test_every_word_of_the_panel_has_its_russian(russian):
    set_up_django(settings)
    from django.utils.translation.template import templatize

    said = set()
    for template in LIVE.rglob("*.html"):
        code = templatize(template.read_text(encoding="utf-8"), origin=str(template))
        keywords = {"gettext": None, "ngettext": (1, 2)}
        said |= {text for _, text, *_ in extract("python", io.BytesIO(code.encode()), keywords)}
    assert {text for text in said if text} == {
        tuple(m.id) if isinstance(m.id, list | tuple) else m.id for m in russian if m.id
    }
    for entry in russian:
        forms = entry.string if isinstance(entry.string, tuple) else [entry.string]
        ids = entry.id if isinstance(entry.id, tuple) else [entry.id]
        assert all(forms)
        if entry.id:
            fields = [sorted(re.findall(r"%\(\w+\)s", text)) for text in (*ids, *forms)]
            assert fields == fields[:1] * len(fields)
            assert all(re.search("[а-яё]", form, re.IGNORECASE) for form in forms)


def test_the_compiled_catalogue_of_the_panel_is_up_to_date(russian):
    compiled = io.BytesIO()
    write_mo(compiled, russian)
    assert compiled.getvalue() == CATALOGUE.with_suffix(".mo").read_bytes()


# ---- What the project prints.


def test_a_traceback_in_the_terminal_is_the_projects_own_part_of_it():
    frames = [
        "Traceback (most recent call last):",
        f'  File "{json.__file__}", line 1, in loads',
        "    return _default_decoder.decode(s)",
        '  File "/home/ann/workspace/chat/views.py", line 7, in room',
        "    return a + b",
        "           ~~^~~",
        "TypeError: no",
    ]
    own = OwnLines()
    # It may come in pieces.
    kept = own.of(["Internal Server Error: /", *frames[:2]]) + own.of([*frames[2:], "  a print"])
    assert kept == ["Internal Server Error: /", *frames[3:5], "TypeError: no", "  a print"]


# ---- Lesson 01's heart, which is to show a server that blocks, and no browser that is late.

needs_browser = pytest.mark.skipif(
    not (can_drive() and find_browser()), reason="the extra `browser`, or a Chromium, is missing"
)

#: Keeps the page itself busy for two seconds while a beat is on its way.
BE_LATE = """
() => new Promise((done) => {
  const fetch = window.fetch;
  window.fetch = (...request) => {
    const answer = fetch(...request);
    window.fetch = fetch;
    const end = performance.now() + 2000;
    while (performance.now() < end);
    done();
    return answer;
  };
})
"""


@needs_browser
@pytest.mark.slow
async def test_the_heart_blames_the_server_alone(tmp_path):
    project = tmp_path / "project"
    write_project(find_lesson("1"), project)
    with listen(19200) as listener, ProjectAddress(listener, tmp_path / "log") as address:
        await asyncio.to_thread(serve, address, project)
        async with browser() as chromium:
            page = await chromium.new_page()
            await page.goto(address.address)
            await page.wait_for_selector("#heart .ok")
            await page.evaluate(BE_LATE)
            await page.wait_for_selector("#heart .bar >> text=/^2/")
            assert await page.locator("#heart :is(.stopped, .slow)").count() == 0
            assert await page.locator("#pulse.stopped").count() == 0
            await page.get_by_role("button", name="4 × async in name").click()
            await page.wait_for_selector("#heart .stopped")
            await page.get_by_text("The heart stopped for").wait_for()


# ---- The pages.


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with sources of pages, and the builder for it."""
    folder = tmp_path / "checkout"
    for name in ("docs", "lessons"):
        (folder / name).mkdir(parents=True)
        (folder / name / "text.md").write_text("one", encoding="utf-8")
    for name in ("mkdocs.yml", "mkdocs.ru.yml"):
        (folder / name).write_text("site_name: x\ndocs_dir: nowhere\n", encoding="utf-8")
    monkeypatch.delenv("WORKSHOP_SITE", raising=False)
    return folder


async def test_pages_are_built_once_and_again_when_their_sources_change(checkout):
    builder = site.SiteBuilder(checkout)

    async def make(folder):
        (folder / "en").mkdir(parents=True)

    async def refuse(folder):
        await make(folder)
        raise site.SiteNotBuilt("a page is half written")

    assert builder.ready() is None
    first = await builder.build(make)
    assert builder.ready() == first
    (checkout / "lessons" / "text.md").write_text("two", encoding="utf-8")
    assert builder.ready() is None
    # A build that fails harms nothing: the earlier pages are there to be served.
    with pytest.raises(site.SiteNotBuilt):
        await builder.build(refuse)
    assert builder.earlier() == first
    second = await builder.build(make)
    assert (second != first, first.exists()) == (True, False)
    assert [path.name for path in builder.cache.iterdir()] == [second.name]


async def test_mkdocs_says_why_it_cannot_build(checkout):
    builder = site.SiteBuilder(checkout)
    settled = await builder.settle()
    assert (settled.folder, settled.is_settled) == (None, True)
    assert "docs_dir" in settled.problem
    assert list(builder.cache.iterdir()) == []


async def test_a_build_that_is_cancelled_leaves_nothing(checkout):
    builder = site.SiteBuilder(checkout)
    began = asyncio.Event()

    async def make(folder):
        (folder / "en").mkdir(parents=True)
        began.set()
        await asyncio.Event().wait()

    building = asyncio.create_task(builder.build(make))
    async with asyncio.timeout(PATIENCE):
        await began.wait()
    building.cancel()
    with pytest.raises(asyncio.CancelledError):
        await building
    assert list(builder.cache.iterdir()) == []


def test_the_cache_is_not_in_git():
    ignored = (REPOSITORY / ".gitignore").read_text(encoding="utf-8").split()
    assert f"{site.SiteBuilder().cache.relative_to(REPOSITORY).parts[0]}/" in ignored
