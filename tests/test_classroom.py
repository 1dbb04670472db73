"""`up` and `run` as real processes: what they serve, what they say, that they leave nothing."""

import contextlib
import json
import os
import queue
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from channels_workshop import REPOSITORY
from channels_workshop.checking.verdict import Result, Verdict
from channels_workshop.classroom import desk as desks
from channels_workshop.classroom import opening, site
from channels_workshop.classroom.board import Audience
from channels_workshop.classroom.ports import listen, port_of
from channels_workshop.classroom.printed import OwnFrames
from channels_workshop.classroom.running_project import RunningProject, StartAbandoned
from channels_workshop.course.catalogue import all_lessons, find_lesson
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.reference import write_project
from channels_workshop.learner.workspace import Workspace
from channels_workshop.trouble import Trouble

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60

LESSON = find_lesson("3")
DELIVERED = 'await self.send(json.dumps({"message": event["message"]}))'
NOT_WRITTEN = 'await self.send(error_frame("not_written"))'


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A workspace and pages of this test's own; what is started here sees them too."""
    for language, title in (("en", "Home"), ("ru", "Начало")):
        folder = tmp_path / "site" / language
        (folder / "lessons").mkdir(parents=True)
        page = "<!doctype html><title>{}</title><body></body>"
        (folder / "index.html").write_text(page.format(title), encoding="utf-8")
        (folder / "404.html").write_text(page.format("Nowhere"), encoding="utf-8")
        (folder / "script.js").write_text("1;\n", encoding="utf-8")
    (tmp_path / "secret").write_text("not a page", encoding="utf-8")
    monkeypatch.setenv("WORKSHOP_SITE", str(tmp_path / "site"))
    monkeypatch.setenv("WORKSHOP_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setenv("CI", "1")
    (tmp_path / "temporary").mkdir()
    for variable in ("TMPDIR", "TEMP"):
        monkeypatch.setenv(variable, str(tmp_path / "temporary"))
    return tmp_path


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
    """An open panel: its regions as they are now."""

    def __init__(self, pages, language="en"):
        address = pages.replace("http:", "ws:") + f"/ws/live/{language}/"
        self.socket = connect(address, origin=pages, proxy=None)
        self.regions = {}

    def until(self, region, pattern):
        """Wait until `region` matches `pattern`; return the match."""
        while not (found := re.search(pattern, self.regions.get(region, ""))):
            self.regions.update(self.receive()["regions"])
        return found

    def receive(self):
        return json.loads(self.socket.recv(timeout=PATIENCE))

    def ask(self, **frame):
        self.socket.send(json.dumps(frame))


@contextlib.contextmanager
def panel_of(pages, language="en"):
    panel = Panel(pages, language)
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
        for outside in ("/en/../../secret", "/en/%2e%2e/%2e%2e/secret", "/live/static/../words.py"):
            assert get(pages + outside).status_code == 404
        assert get(pages + "/elsewhere").status_code == 404
        # A foreign page may neither listen nor press a button.
        address = pages.replace("http:", "ws:") + "/ws/live/en/"
        with pytest.raises(InvalidStatus, match="403"):
            connect(address, origin="http://evil.example", proxy=None)


@pytest.mark.slow
def test_the_verdict_follows_each_save(environment):
    folder = Workspace().start(LESSON, at="deliver")
    consumers = folder / "chat" / "consumers.py"
    starter = consumers.read_text(encoding="utf-8")
    with opened(end=crash) as (up, pages, project), panel_of(pages) as panel:
        assert get(project + "/chat/tea/").status_code == 200
        # What nobody has begun is something to do, not something that went wrong.
        panel.until("tasks", r"chat/consumers\.py:\d+")
        panel.until("status", "3 of 4 tasks done · checked|16 of 25 points · checked")
        assert panel.regions["failure"] == ""
        up.until("●●●○  16 of 25 points")
        up.until("Next: Deliver")
        up.until(r"chat/consumers\.py:\d+")

        unheard = starter.replace(NOT_WRITTEN, 'self.send("forgotten")')
        consumers.write_text(unheard, encoding="utf-8")
        panel.until("failure", "A message reaches everyone in the room(?s:.*)never awaited")
        up.until("✗ A message reaches everyone in the room")

        # What does not start says so at the project's address, and comes back.
        consumers.write_text(starter + "\n)\n", encoding="utf-8")
        panel.until("status", "does not start(?s:.*)SyntaxError")
        up.until("SyntaxError")
        broken = get(project + "/chat/tea/")
        assert broken.status_code == 503
        assert "chat/consumers.py" in broken.text

        solved = starter.replace(NOT_WRITTEN, DELIVERED)
        consumers.write_text(solved, encoding="utf-8")
        panel.until("status", "The lesson is done")
        assert panel.regions["failure"] == ""
        up.until("●●●●  25 of 25 points")
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
        panel.until("status", "Начать урок")
        panel.until("links", "Открыть готовый проект")
        assert get(project + "/").status_code == 200
        assert not list((environment / "workspace").glob("*"))

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
        assert not list((environment / "temporary").iterdir())


# ---- `run`.


needs_linux = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="the end of strange processes is seen by pidfd_open"
)

#: Takes its standard input for the terminal that it belongs to, then becomes the given command.
ON_A_TERMINAL = """
import os, sys
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
        run.until('File "chat/rooms.py", line 1')
        run.until("ModuleNotFoundError: No module named 'nothing_of_the_kind'")
        assert "channels_workshop" not in "".join(run.lines)
        assert get(project + "/").status_code == 503
        rooms.write_text(text, encoding="utf-8")
        run.until("Loaded anew")
        assert get(project + "/").status_code == 200
        with nothing_left_of(run.process):
            press_ctrl_c(run.process)
    assert not (folder / "db.sqlite3").exists()


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
    ("arguments", "told"),
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
def test_wrong_usage_is_told_and_exits_2(environment, arguments, told, monkeypatch, capsys):
    from channels_workshop.cli import main

    monkeypatch.setenv("LANGUAGE", "")  # `speak` sets it; put back afterwards
    monkeypatch.setattr(sys, "argv", ["workshop.py", *arguments.split()])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert told in capsys.readouterr().err


# ---- The running project.


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    write_project(LESSON, folder)
    return folder


def test_a_project_is_exchanged_behind_its_address(project, tmp_path):
    routing = project / "chat" / "routing.py"
    with listen(18800) as listener, RunningProject(listener, tmp_path / "log") as running:
        assert running.serve(project) == ""
        assert get(running.address).status_code == 200
        routing.write_text("1 / 0\n", encoding="utf-8")
        assert running.serve(project).endswith("ZeroDivisionError: division by zero")
        assert get(running.address).status_code == 503
        # It takes its process with it, and still somebody answers.
        routing.write_text("import os\nos._exit(7)\n", encoding="utf-8")
        assert "exit code 7" in running.serve(project)
        assert "exit code 7" in get(running.address).text


def test_a_project_is_exchanged_where_the_system_cannot_fork(project, tmp_path):
    with listen(18850) as listener, RunningProject(listener, tmp_path / "log", 1, False) as running:
        assert running.serve(project) == ""
        assert get(running.address).status_code == 200
        (project / "chat" / "routing.py").write_text("1 / 0\n", encoding="utf-8")
        assert running.serve(project).endswith("ZeroDivisionError: division by zero")
        assert get(running.address).status_code == 503


def test_a_project_that_stores_something_gets_its_database_and_its_demo_data(project, tmp_path):
    with listen(18870) as listener, RunningProject(listener, tmp_path / "log", 2) as running:
        assert running.serve(project) == ""
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
    with listen(18870) as listener, RunningProject(listener, tmp_path / "log", 2) as running:
        assert running.serve(project) == running.serve(project) == ""
        assert (project / "db.sqlite3").stat().st_size
        assert (tmp_path / "log").read_text(encoding="utf-8").count("demo data") == 1


def test_a_start_that_is_not_wanted_any_more_is_given_up(project, tmp_path):
    with listen(18900) as listener, RunningProject(listener, tmp_path / "log") as running:
        running.serve(project)
        (project / "chat" / "routing.py").write_text(
            "import threading\nprint('here')\nthreading.Event().wait()\n", encoding="utf-8"
        )
        waiter = threading.Thread(
            target=lambda: wait_for_line(tmp_path / "log", "here") and running.abandon_start()
        )
        waiter.start()
        with pytest.raises(StartAbandoned):
            running.serve(project)
        waiter.join()
        assert get(running.address).status_code == 200


def test_an_endless_loop_in_a_project_is_ended(project, tmp_path):
    views = project / "chat" / "views.py"
    views.write_text(
        "async def lobby(request):\n    print('here')\n    while True: pass\nroom = lobby\n",
        encoding="utf-8",
    )
    with listen(19000) as listener, RunningProject(listener, tmp_path / "log") as running:
        running.serve(project)
        stopper = threading.Thread(
            target=lambda: wait_for_line(tmp_path / "log", "here") and running.stop()
        )
        stopper.start()
        with pytest.raises(httpx.TransportError):
            get(running.address)
        stopper.join()
        assert running.sentinels == []


@pytest.mark.parametrize(
    ("variables", "shown"),
    [({"DISPLAY": ":0"}, 1), ({}, sys.platform != "linux"), ({"DISPLAY": ":0", "CI": "1"}, 0)],
    ids=["a screen", "no screen", "CI"],
)
def test_a_browser_is_opened_where_somebody_sees_it(variables, shown, monkeypatch):
    opened = []
    monkeypatch.setattr(opening.webbrowser, "open", opened.append)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    opening.show_in_browser("http://127.0.0.1:8100/")
    assert len(opened) == shown


def test_no_free_port_is_told():
    with listen(65535), pytest.raises(Trouble, match="No port from 65535 on is free"):
        listen(65535)


# ---- The desk: which lesson it is at, and what it does not finish.


class Told(Audience):
    """Somebody who remembers what they were told."""

    def __init__(self):
        self.verdicts = queue.SimpleQueue()

    def verdict_given(self, board):
        self.verdicts.put(board)

    def next_verdict(self):
        return self.verdicts.get(timeout=PATIENCE)


@pytest.fixture
def two_lessons(tmp_path):
    """Lesson 03, and a copy of it as lesson 04."""
    folder = tmp_path / "lessons" / "04_chat_again"
    write_project(LESSON, folder)
    shutil.copy(LESSON.folder / "lesson.toml", folder)
    shutil.copytree(LESSON.folder / "stubs", folder / "stubs")
    return [LESSON, load_lesson(folder)]


@pytest.fixture
def desk(environment, two_lessons, monkeypatch):
    """An open desk at lesson 03; its checks pass whatever was written, at once."""

    def check(lesson, target, backstage, on_result):
        results = [Result(check.id, check.task, "pass", check.points) for check in lesson.checks]
        for result in results:
            on_result(result, None)
        return Verdict(lesson.name, str(target), results)

    monkeypatch.setattr(desks, "check", check)
    with listen(19100) as listener:
        desk = desks.Desk(two_lessons, LESSON, listener)
        told = Told()
        desk.audiences.append(told)
        desk.open()
        yield desk, told
        desk.close()


def test_the_desk_moves_on_when_the_next_lesson_is_started(desk, two_lessons):
    desk, told = desk
    desk.start_lesson(LESSON.name)
    board = told.next_verdict()
    assert (board.lesson, board.verdict.status) == (LESSON, "pass")
    desk.start_lesson(two_lessons[1].name)
    board = told.next_verdict()
    assert (board.lesson, board.folder.name) == (two_lessons[1], "04_chat_again")


def test_a_newer_save_ends_the_check_of_an_older_one(desk, monkeypatch):
    desk, told = desk
    under_way, saved, passing = threading.Event(), threading.Event(), desks.check

    def slow_check(lesson, target, backstage, on_result):
        first = not under_way.is_set()
        under_way.set()
        if first:
            assert saved.wait(PATIENCE)
        return passing(lesson, target, backstage, on_result)

    monkeypatch.setattr(desks, "check", slow_check)
    desk.start_lesson(LESSON.name)
    assert under_way.wait(PATIENCE)
    desk.check_again()
    saved.set()
    assert told.next_verdict().changed == ()  # of the second check; the first was given up
    assert told.verdicts.empty()


def test_a_failure_is_told_while_later_checks_still_run(desk, environment, monkeypatch):
    desk, told = desk
    begun, not_begun = LESSON.tasks[0], LESSON.tasks[1]
    seen, passing = threading.Event(), desks.check

    class Reader(Audience):
        def board_changed(self, board):
            if board.is_checking and board.first_failure:
                seen.set()

    def failing_check(lesson, target, backstage, on_result):
        results = [Result(check.id, check.task, "fail", 1, "told") for check in lesson.checks]
        on_result(next(result for result in results if result.task == not_begun.id), None)
        assert not seen.is_set()
        for result in results:
            if result.task == begun.id:
                on_result(result, None)
        assert seen.wait(PATIENCE)
        return Verdict(lesson.name, str(target), results)

    desk.audiences.append(Reader())
    desk.start_lesson(LESSON.name)
    told.next_verdict()
    monkeypatch.setattr(desks, "check", failing_check)
    rooms = environment / "workspace" / LESSON.name / "chat" / "rooms.py"
    text = rooms.read_text(encoding="utf-8")
    rooms.write_text(text.replace('return "chat"', "return room"), encoding="utf-8")
    board = told.next_verdict()
    assert (board.begun_tasks, board.current_task) == ([begun], begun)
    assert board.first_failure[0].task == begun.id

    # What has failed before does not stand any more once it passes, whatever came after it.
    shown = []

    class Witness(Audience):
        def board_changed(self, board):
            if board.so_far:
                shown.append(board.first_failure)

    desk.audiences.append(Witness())
    monkeypatch.setattr(desks, "check", passing)
    desk.check_again()
    assert told.next_verdict().first_failure is None
    assert set(shown) == {None}


def test_a_save_is_served_though_its_start_was_given_up(desk, environment, monkeypatch):
    desk, told = desk
    mine = environment / "workspace" / LESSON.name
    tries, given_up = [], threading.Event()

    def serve(folder, variables):
        if folder == mine:
            tries.append(folder)
            if len(tries) == 1:
                given_up.set()
                raise StartAbandoned
        return ""

    monkeypatch.setattr(desk._project, "serve", serve)
    desk.start_lesson(LESSON.name)
    assert given_up.wait(PATIENCE)
    desk.check_again()  # asks for no start by itself
    assert told.next_verdict().verdict.status == "pass"
    assert len(tries) == 2


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
    own = OwnFrames()
    # It may come in pieces.
    kept = own.of(["Internal Server Error: /", *frames[:2]]) + own.of([*frames[2:], "  a print"])
    assert kept == ["Internal Server Error: /", *frames[3:5], "TypeError: no", "  a print"]


# ---- The pages.


def test_pages_are_built_once_and_again_when_their_sources_change(tmp_path, monkeypatch):
    sources = tmp_path / "checkout"
    for name in ("docs", "lessons"):
        (sources / name).mkdir(parents=True)
        (sources / name / "text.md").write_text("one", encoding="utf-8")
    for name in ("mkdocs.yml", "mkdocs.ru.yml"):
        (sources / name).write_text("", encoding="utf-8")
    monkeypatch.setattr(site, "REPOSITORY", sources)
    monkeypatch.setattr(site, "CACHE", tmp_path / "cache")
    monkeypatch.delenv("WORKSHOP_SITE", raising=False)
    monkeypatch.setattr(
        site.SiteBuild, "_run_mkdocs", lambda self, folder: (folder / "en").mkdir(parents=True)
    )
    assert site.ready_site() is None
    first = site.SiteBuild().run()
    assert site.ready_site() == first
    (sources / "lessons" / "text.md").write_text("two", encoding="utf-8")
    assert site.ready_site() is None

    # A build that fails harms nothing: the earlier pages are there to be served.
    def refuse(self, folder):
        raise site.SiteNotBuilt("a page is half written")

    with monkeypatch.context() as broken:
        broken.setattr(site.SiteBuild, "_run_mkdocs", refuse)
        with pytest.raises(site.SiteNotBuilt):
            site.SiteBuild().run()
    assert site.earlier_site() == first
    second = site.SiteBuild().run()
    assert (second != first, first.exists()) == (True, False)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [second.name]


def test_mkdocs_says_why_it_cannot_build(tmp_path, monkeypatch):
    for name in ("docs", "lessons"):
        (tmp_path / name).mkdir()
    for name in ("mkdocs.yml", "mkdocs.ru.yml"):
        (tmp_path / name).write_text("site_name: x\ndocs_dir: nowhere\n", encoding="utf-8")
    monkeypatch.setattr(site, "REPOSITORY", tmp_path)
    monkeypatch.setattr(site, "CACHE", tmp_path / "cache")
    with pytest.raises(site.SiteNotBuilt, match="docs_dir"):
        site.SiteBuild().run()
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_cache_is_not_in_git():
    ignored = (REPOSITORY / ".gitignore").read_text(encoding="utf-8").split()
    assert f"{site.CACHE.relative_to(REPOSITORY).parts[0]}/" in ignored
