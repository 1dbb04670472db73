"""The board over the wire: who is let in, what is refused, what an instructor sees and may do."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import httpx
import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.browser import browser, can_drive, find_browser
from channels_workshop.processes.descendants import descendants
from channels_workshop.processes.ports import listen, port_of
from channels_workshop.stage.board import messages
from channels_workshop.stage.board.ledger import Ledger
from channels_workshop.stage.board.limits import (
    FRAMES_AT_ONCE,
    LARGEST_FRAME,
    LONGEST_CODE,
    MOST_KNOCKING,
    MOST_OF_ONE,
    REPORTS_AT_ONCE,
    WRONG_AT_ONCE,
)
from channels_workshop.stage.board.messages import (
    Answered,
    Checked,
    CodeFile,
    CodeShown,
    Hand,
    Hello,
    Judged,
    Lowered,
    Report,
    Reports,
    Turned,
)

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60

TYPED = ["class", "--no-browser", "--host", "127.0.0.1", "--port"]
LESSON = find_lesson("3")
TASK = LESSON.tasks[0]
CHECK = LESSON.checks_of(TASK)[0]
SCRIPT = "<script>document.title = 'broken into'</script>"


class Held:
    """`class` as a process, in a workspace of its own: its address, its codes."""

    def __init__(self, workspace, *options):
        self.workspace, self.options = workspace, options
        # Not one of those that the system gives to connections: it has to be free again later.
        with listen(18600 + 20 * (os.getpid() % 300)) as listener:
            port = port_of(listener)
        self.start(port)

    def start(self, port):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "channels_workshop", *TYPED, str(port), *self.options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env={
                **os.environ,
                "WORKSHOP_LANG": "en",
                "WORKSHOP_WORKSPACE": str(self.workspace),
                "PYTHONUNBUFFERED": "1",
                "COLUMNS": "200",
            },
        )
        self.said = ""
        while "Ctrl-C" not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        self.origin, self.access = re.search(
            r"(http://[\d.:]+)/en/board/\?code=(\w+)", self.said
        ).groups()
        self.port = int(self.origin.rpartition(":")[2])
        self.code = re.search(r"up --class [\d.:]+/(\w+) --name", self.said)[1]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def end(self):
        """End it as Ctrl-C does; return its exit code and all that it has said."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, self.said + rest


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    held = Held(tmp_path_factory.mktemp("board"))
    yield held
    code, said = held.end()
    assert (code, "Everything has ended." in said) == (0, True)
    assert "Traceback" not in said


class Open:
    """A WebSocket that is closed at the end of a block."""

    def __init__(self, *arguments, **options):
        self.socket = connect(*arguments, proxy=None, **options).__enter__()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def closed(self):
        """Wait for the end; return its code."""
        try:
            while True:
                self.socket.recv(timeout=PATIENCE)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


class Workshop(Open):
    """A learner's workshop, as far as it speaks to the board."""

    def __init__(self, held, name="Anna", now=0.0, **hello):
        super().__init__(f"ws://127.0.0.1:{held.port}/ws/class/")
        self.board = self.hear()
        self.hello = Hello(name, now or time.time(), **(hello or {"code": held.code}))

    def join(self):
        """Say hello; return what the board says to that."""
        self.say(self.hello)
        self.welcome = self.hear()
        return self.welcome

    def say(self, frame):
        self.socket.send(msgspec.json.encode(frame).decode())

    def tell(self, *whats, after=0):
        """Report, and return up to where it is on disk."""
        now = time.time()
        reports = [Report(number, now, what) for number, what in enumerate(whats, after + 1)]
        self.say(Reports(reports))
        return self.until(messages.Acknowledged).number

    def hear(self):
        return msgspec.json.decode(self.socket.recv(timeout=PATIENCE), type=messages.FromBoard)

    def until(self, kind, holds=lambda frame: True):
        """Return the first frame of a kind for which `holds`."""
        while not (isinstance(frame := self.hear(), kind) and holds(frame)):
            assert not isinstance(frame, messages.Refused), frame
        return frame


@contextmanager
def joined(held, name="Anna", now=0.0, **hello):
    with Workshop(held, name, now, **hello) as workshop:
        assert isinstance(workshop.join(), messages.Welcome)
        yield workshop


class Page(Open):
    """An open page of the board: what it knows by now."""

    def __init__(self, held, language="en", cookie=None, origin=None):
        cookie = f"instructor={held.access}" if cookie is None else cookie
        super().__init__(
            f"ws://127.0.0.1:{held.port}/ws/{language}/board/",
            origin=origin or held.origin,
            additional_headers={"Cookie": cookie},
        )
        self.learners, self.files, self.known = {}, {}, {}

    def until(self, name, holds):
        """Return the row of the learner of that name, once `holds` for it."""
        while not (name in self.learners and holds(self.learners[name])):
            self.hear()
        return self.learners[name]

    def hear(self):
        frame = json.loads(self.socket.recv(timeout=PATIENCE))
        for learner in frame.pop("learners", []):
            self.learners[learner["name"]] = learner
        if "code" in frame and "path" in frame["code"]:
            self.files[frame["code"]["path"]] = frame["code"]["text"]
        self.known |= frame

    def ask(self, do, learner):
        self.socket.send(json.dumps({"do": do, "learner": learner["id"]}))


def fails(way="00000001"):
    return Checked(LESSON.name, TASK.id, CHECK.id, "fail", way)


# ---- What is told is seen.


def test_a_verdict_is_seen_with_its_words_in_both_languages(held):
    with joined(held, "Vera") as vera:
        assert vera.tell(Turned(LESSON.name, TASK.id), fails(), Judged(LESSON.name)) == 3
        for language in ("en", "ru"):
            with Page(held, language) as page:
                row = page.until("Vera", lambda row: row["wrong"])
                assert row["wrong"] == getattr(CHECK.title, language)
                assert row["where"] == f"03 · {getattr(TASK.title, language)}"
                assert row["kind"] == "moving"
                page.ask("watch", row)
                while "watched" not in page.known:
                    page.hear()
                task = page.known["watched"]["tasks"][0]
                assert task["checks"][0]["status"] == "fail"
                assert task["checks"][1]["status"] == "ahead"
    with Page(held) as page:
        page.until("Vera", lambda row: row["kind"] == "away")


def test_a_hand_help_and_code_with_consent(held):
    with joined(held, "Hugo") as hugo, Page(held) as page:
        hugo.tell(Hand(True))
        row = page.until("Hugo", lambda row: row["hand"] is not None)
        page.ask("lower", row)
        assert hugo.until(messages.Wishes, lambda wishes: wishes.lowered == 1)
        page.until("Hugo", lambda row: row["hand"] is None)

        page.ask("help", row)
        hugo.until(messages.Wishes, lambda wishes: wishes.help)
        page.until("Hugo", lambda row: row["asked"])
        page.ask("watch", row)
        hugo.until(messages.Wishes, lambda wishes: wishes.code)
        secret = CodeFile("chat/secret.py", "not shown yet", 1, 1)
        hugo.say(secret)  # a workshop that does not keep to it: the board shows nothing
        hugo.tell(Answered(True), CodeShown(True), after=1)
        page.until("Hugo", lambda row: row["answer"] and row["shows"])
        page.ask("watch", row)
        hugo.until(messages.Wishes, lambda wishes: wishes.code and not wishes.help)
        hugo.say(CodeFile("chat/consumers.py", SCRIPT, 1, 1))
        while not page.files:
            page.hear()
        assert page.files == {"chat/consumers.py": SCRIPT}
        for stored in (held.workspace / "class" / "held").iterdir():
            assert SCRIPT.encode() not in stored.read_bytes()  # it was passed on, and kept nowhere


def test_seven_fail_alike(held):
    with ExitStack() as kept:
        for number in range(7):
            workshop = kept.enter_context(joined(held, f"Alike {number}"))
            workshop.tell(Turned(LESSON.name, TASK.id), fails("77777777"))
        with Page(held) as page:
            said = ""
            while "7 fail “" not in said:
                page.hear()
                said = str(page.known.get("class"))


# ---- Lost connections, and a board that was killed.


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_a_killed_board_has_all_that_it_acknowledged_and_knows_everybody(tmp_path, options):
    held = Held(tmp_path, *options)
    try:
        with joined(held) as anna:
            assert anna.tell(Turned(LESSON.name, TASK.id), Judged(LESSON.name)) == 2
            token = anna.welcome.token
            held.kill()
        before = (held.code, held.access, held.port)
        held.start(held.port)
        assert (held.code, held.access, held.port) == before
        assert "The last class goes on, with 1 learner." in held.said
        with joined(held, "Another name", token=token) as anna:
            assert (anna.welcome.name, anna.welcome.acknowledged) == ("Anna", 2)
            assert anna.welcome.token == ""
            # What was not acknowledged is told again, with what was.
            assert anna.tell(Turned(LESSON.name, TASK.id), Judged(LESSON.name), fails()) == 3
    finally:
        code, said = held.end()
    assert (code, "Traceback" in said) == (0, False)


def workers_of(held):
    """Return the numbers of the processes that have the board's port, but for the first."""
    socket_of = re.compile(rf"^\s*\d+: 0100007F:{held.port:04X} .*? 0A (?:\S+ +){{5}}(\d+)", re.M)
    (inode,) = socket_of.findall(Path("/proc/net/tcp").read_text())
    found = []
    for process in descendants(held.process.pid):
        with suppress(OSError):
            files = {str(file.readlink()) for file in Path(f"/proc/{process}/fd").iterdir()}
            if f"socket:[{inode}]" in files:
                found.append(process)
    return found


def redis_of(held):
    """Return the number of the process that is the class's Redis."""
    found = []
    for process in descendants(held.process.pid):
        with suppress(OSError):
            program = Path(f"/proc/{process}/comm").read_text().strip()
            found += [process] * (program in ("redis-server", "valkey-server"))
    (redis,) = found
    return redis


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_that_are_killed_are_replaced(tmp_path):
    held = Held(tmp_path, "--workers", "2")
    try:
        with joined(held) as anna:
            anna.tell(Hand(True))
            ends = time.monotonic() + PATIENCE
            while len(workers := workers_of(held)) < 2:
                assert time.monotonic() < ends
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            assert anna.closed() is None  # it was cut off
        with joined(held, token=anna.welcome.token) as anna:
            assert anna.welcome.acknowledged == 1
            assert anna.tell(Hand(False), after=1) == 2
        while len({*workers_of(held)} - {*workers}) < 2:
            assert time.monotonic() < ends
    finally:
        code, said = held.end()
    assert (code, said.count("another one takes its place")) == (0, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_redis_that_is_killed_is_replaced(tmp_path):
    held = Held(tmp_path, "--workers", "2")
    try:
        with joined(held) as anna:
            anna.tell(Hand(True))
            os.kill(redis_of(held), signal.SIGKILL)
            # It is kept, whether there is a Redis or not; it may have to be told again.
            anna.tell(Hand(False), after=1)
        ends = time.monotonic() + PATIENCE
        # Not OSError: who is kept waiting, which is one too, has found an error.
        cut_off = (ConnectionError, ConnectionClosed, InvalidStatus)
        while True:
            with suppress(*cut_off), joined(held, "Boris") as boris:
                boris.tell(Hand(True))
                name = boris.welcome.name  # another one where the first Boris was cut off
                with Page(held) as page:
                    page.until(name, lambda row: row["hand"] is not None)
                    page.ask("lower", page.learners[name])
                    assert boris.until(messages.Wishes, lambda wishes: wishes.lowered == 1)
                break
            assert time.monotonic() < ends
    finally:
        code, said = held.end()
    assert (code, said.count("Redis has ended"), "Traceback" in said) == (0, 1, False)


def test_what_no_event_has_told_of_is_told_all_the_same(held):
    (file,) = (held.workspace / "class" / "held").glob("*.sqlite3")
    with joined(held, "Lost") as lost:
        lost.tell(Hand(True))
        with closing(Ledger(file)) as ledger:
            (number,) = (one.id for one in ledger.learners() if one.name == lost.welcome.name)
            ledger.do(number, Lowered(1), time.time())  # as where the event is lost on its way
        assert lost.until(messages.Wishes, lambda wishes: wishes.lowered == 1)


def test_a_report_that_is_missing_is_asked_for_by_closing(held):
    with joined(held, "Gap") as workshop:
        workshop.tell(Judged(LESSON.name))
        workshop.say(Reports([Report(3, time.time(), Judged(LESSON.name))]))
        assert workshop.closed() == messages.OUT_OF_ORDER
    with joined(held, "Gap", token=workshop.welcome.token) as again:
        assert again.welcome.acknowledged == 1


def test_a_wrong_clock_is_put_right(held):
    with joined(held, "Late", time.time() - 7200) as workshop:
        workshop.say(Reports([Report(1, time.time() - 7200 - 60, Hand(True))]))
        workshop.until(messages.Acknowledged)
        with Page(held) as page:
            hand = page.until("Late", lambda row: row["hand"] is not None)["hand"]
    assert abs(time.time() - hand) < PATIENCE  # not before they joined, and not two hours ago


# ---- Strangers.


def test_nobody_comes_in_without_the_code_or_with_a_forged_token(held):
    with joined(held, "Owner") as owner:
        number, _dot, secret = owner.welcome.token.partition(".")
    for hello, code in [
        ({"code": "wrongcod"}, messages.WRONG_CODE),
        ({"code": ""}, messages.WRONG_CODE),
        ({"token": f"{number}.{secret[:-1]}x"}, messages.UNKNOWN),
        ({"token": f"{int(number) + 1}.{secret}"}, messages.UNKNOWN),
        ({"token": "ключ"}, messages.UNKNOWN),
    ]:
        with Workshop(held, "Stranger", **hello) as workshop:
            assert workshop.join() == messages.Refused(code), hello
            assert workshop.closed() == code
    with Page(held) as page:
        page.until("Owner", lambda row: True)
        assert "Stranger" not in page.learners


def test_a_name_that_nobody_could_read(held):
    with Workshop(held, " \u200b ") as workshop:
        assert workshop.join() == messages.Refused(messages.NO_NAME)


def test_no_page_speaks_for_a_learner(held):
    """A browser always says where its page is from, whichever that is."""
    for origin in (held.origin, "http://evil.example", "null"):
        with pytest.raises(InvalidStatus) as refused:
            Open(f"ws://127.0.0.1:{held.port}/ws/class/", origin=origin)
        assert refused.value.response.status_code == 403


def test_no_other_page_looks_at_the_board_and_none_without_its_code(held):
    with pytest.raises(InvalidStatus):
        Page(held, origin="http://evil.example")
    for cookie in ("", "instructor=wrong", f"instructor={held.code}"):
        with Page(held, cookie=cookie) as page:
            assert page.closed() == 4401


def reported(number=1, at=1, what='{"type": "hand", "up": true}'):
    report = f'{{"number": {number}, "at": {at}, "what": {what}}}'
    return f'{{"type": "reports", "reports": [{report}]}}'


@pytest.mark.parametrize(
    "frame",
    [
        "{}",
        "[]",
        "not JSON",
        '{"type": "reports", "reports": []}',
        reported(number=0),
        reported(number=2**70),
        reported(at="1e300"),
        reported(at="NaN"),
        reported(what='{"type": "asked"}'),
        reported(what='{"type": "turned", "lesson": "<b>"}'),
        '{"type": "hello", "name": "again", "now": 1}',
        msgspec.json.encode(CodeFile("x", "x" * (LONGEST_CODE + 1), 1, 1)).decode(),
    ],
)
def test_what_is_not_understood_is_refused(held, frame):
    with joined(held, "Garbage") as workshop:
        workshop.socket.send(frame)
        assert workshop.closed() == messages.NOT_UNDERSTOOD


def test_bytes_and_too_many_reports_are_refused(held):
    with joined(held, "Bytes") as workshop:
        workshop.socket.send(b"\x00\xff")
        assert workshop.closed() == messages.NOT_UNDERSTOOD
    with joined(held, "Many") as workshop:
        report = Report(1, time.time(), Judged(LESSON.name))
        workshop.say(Reports([report] * (REPORTS_AT_ONCE + 1)))
        assert workshop.closed() == messages.NOT_UNDERSTOOD


def test_a_frame_that_is_too_large_never_reaches_us(held):
    with joined(held, "Large") as workshop:
        workshop.socket.send("x" * (LARGEST_FRAME + 1))
        assert workshop.closed() == 1009


def test_a_flood_is_refused_and_the_others_notice_nothing(held):
    with joined(held, "Quiet") as quiet, joined(held, "Flood") as flood:
        with suppress(ConnectionClosed):
            for number in range(50 * FRAMES_AT_ONCE):
                flood.say(Reports([Report(number + 1, time.time(), Hand(number % 2 == 0))]))
        assert flood.closed() == messages.TOO_MUCH
        assert quiet.tell(Hand(True)) == 1


def test_connections_that_say_nothing_keep_nobody_out(held):
    with ExitStack() as kept:
        silent = [kept.enter_context(Workshop(held)) for _ in range(MOST_KNOCKING + 5)]
        kept.enter_context(joined(held, "Somebody"))
        assert silent[0].closed() == messages.TOO_LATE


def test_one_learner_has_so_many_connections_and_no_more(held):
    with ExitStack() as kept:
        first = kept.enter_context(joined(held, "Hydra"))
        hello = {"token": first.welcome.token}
        for _ in range(MOST_OF_ONE - 1):
            kept.enter_context(joined(held, **hello))
        one_more = kept.enter_context(Workshop(held, **hello))
        assert one_more.join() == messages.Refused(messages.TOO_MUCH)


def test_wrong_codes_may_not_be_tried_for_ever(tmp_path):
    held = Held(tmp_path)
    try:
        with joined(held, "Owner") as owner:
            codes = set()
            for _ in range(WRONG_AT_ONCE + 20):
                with Workshop(held, "Stranger", code="wrongcod") as workshop:
                    codes.add(workshop.join().code)
            assert codes == {messages.WRONG_CODE, messages.TOO_MUCH}
            # Whoever is known comes back from the same address.
            with joined(held, "Owner", token=owner.welcome.token):
                pass
    finally:
        held.end()


# ---- Pages.


def test_the_board_is_for_whoever_has_its_code(held):
    with httpx.Client(trust_env=False, timeout=PATIENCE, base_url=held.origin) as visitor:
        assert visitor.get("/en/board/").status_code == 403
        wrong = visitor.get("/en/board/?code=wrong")
        assert (wrong.status_code, "not the code" in wrong.text) == (403, True)
        assert visitor.get(f"/en/board/?code={held.code}").status_code == 403
        board = visitor.get(f"/ru/board/?code={held.access}", follow_redirects=True)
        assert "code=" not in str(board.url)
        assert "Застряли" in board.text
        assert held.code in board.text
        assert "default-src 'none'" in board.headers["Content-Security-Policy"]
        assert "javascript" in visitor.get("/static/board.js").headers["Content-Type"]
        assert visitor.get("/static/..%2Fviews.py").status_code == 404
        assert visitor.get("/en/board/", headers={"Host": "evil.example"}).status_code == 400


def test_how_to_join_is_for_everybody_and_gives_nothing_away(held):
    with httpx.Client(trust_env=False, timeout=PATIENCE, base_url=held.origin) as visitor:
        page = visitor.get("/", follow_redirects=True).text
        assert f"up --class 127.0.0.1:{held.port} --name" in page
        assert held.code not in page
        assert f":{held.port}/{held.code} --name" in visitor.get(f"/en/?code={held.code}").text
        wrong = visitor.get("/en/?code=wrongcod").text
        assert f":{held.port}/wrongcod --name" in wrong  # right or wrong: nobody learns which
        assert SCRIPT not in visitor.get("/en/", params={"code": SCRIPT}).text
        assert visitor.get(f"/join.svg?code={held.code}").headers["Content-Type"] == "image/svg+xml"


# ---- In a real browser

needs_browser = pytest.mark.skipif(
    not (can_drive() and find_browser()), reason="needs a browser and playwright"
)


@pytest.mark.slow
@needs_browser
async def test_the_board_in_a_browser(held):
    name = f"{SCRIPT[:24]} Eve"
    with joined(held, name) as eve:
        eve.tell(Turned(LESSON.name, TASK.id), fails("browser1"), Judged(LESSON.name), Hand(True))
        async with browser() as chromium:
            for width, height in ((1280, 720), (1920, 1080), (390, 844)):
                context = await chromium.new_context(viewport={"width": width, "height": height})
                page = await context.new_page()
                errors = []
                page.on("pageerror", lambda error, to=errors: to.append(error))
                page.on("console", lambda said, to=errors: said.type == "error" and to.append(said))
                await page.goto(f"{held.origin}/en/board/?code={held.access}")
                await page.wait_for_selector("#hands li")
                assert (await page.title()).startswith("Class board")
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width
                await page.click(f"#hands button:has-text('{SCRIPT[:24]}')")
                await page.wait_for_selector("#learner-tasks [data-status=fail]")
                assert await page.inner_text("#learner-name") == name
                await page.keyboard.press("Escape")
                await page.click("#legend [data-kind=moving]")
                await page.fill("#filter", "nobody of that name")
                await page.wait_for_selector("#everybody button", state="detached")
                assert errors == []
                await context.close()


@pytest.mark.slow
@needs_browser
@pytest.mark.skipif(not find_spec("axe_playwright_python"), reason="axe is missing")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_board_is_readable_for_everybody(held, scheme):
    from axe_playwright_python.base import AXE_SCRIPT

    with joined(held, f"Axe {scheme}") as learner:
        learner.tell(
            Turned(LESSON.name, TASK.id), fails("browser2"), Judged(LESSON.name), Hand(True)
        )
        async with browser() as chromium:
            # Our policy lets nothing else run in the page, axe neither.
            context = await chromium.new_context(bypass_csp=True, color_scheme=scheme)
            page = await context.new_page()
            wrong = []
            for path in (f"/ru/?code={held.code}", "/en/board/", f"/en/board/?code={held.access}"):
                await page.goto(f"{held.origin}{path}")
                if held.access in path:
                    await page.click(f"#hands button:has-text('Axe {scheme}')")
                    await page.wait_for_selector("#learner-tasks [data-status=fail]")
                await page.evaluate(AXE_SCRIPT)
                found = await page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']})")
                wrong += [
                    (path, rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]
                ]
            assert wrong == []
