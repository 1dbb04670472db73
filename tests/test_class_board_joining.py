"""The learner's side of a class: what is told, what never is, and a connection that is lost."""

import asyncio
import json
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from channels_workshop import REPOSITORY
from channels_workshop.course.lessons import find_lesson
from channels_workshop.errors import WorkshopError
from channels_workshop.judging.failure import DoesNotRun, Failure
from channels_workshop.judging.timeline import Moment
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.language import message
from channels_workshop.learner.attempt import Judged as JudgedWork
from channels_workshop.learner.progress import LessonState
from channels_workshop.learner.workspace import Workspace
from channels_workshop.live import panel, settings
from channels_workshop.live.class_link import ClassLink
from channels_workshop.live.state import Attendance, State
from channels_workshop.stage.board import messages
from channels_workshop.stage.board.joining.address import ClassAddress, read_address
from channels_workshop.stage.board.joining.connection import Connection, Member, TurnedAway
from channels_workshop.stage.board.joining.outbox import Membership, Outbox
from channels_workshop.stage.board.joining.refusals import refusal
from channels_workshop.stage.board.ledger import Ledger
from channels_workshop.stage.board.messages import (
    Acknowledged,
    Answered,
    Checked,
    CodeFile,
    CodeShown,
    Hand,
    Hello,
    Judged,
    Refused,
    Report,
    Reports,
    Turned,
    Welcome,
    Wishes,
)
from channels_workshop.stage.pages.application import set_up_django

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60

LESSON = find_lesson("3")
TASK, NEXT = LESSON.tasks[:2]
CHECK, OTHER = LESSON.checks_of(TASK)[:2]
BOARD = REPOSITORY / "src" / "channels_workshop" / "stage" / "board"
CATALOGUE = BOARD / "locale" / "ru" / "LC_MESSAGES" / "django.po"


# ---- Where the class is.


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("192.168.1.7", ClassAddress("192.168.1.7", 8300)),
        (" 192.168.1.7:9000 ", ClassAddress("192.168.1.7", 9000)),
        ("teacher.local:8300/abcd2345", ClassAddress("teacher.local", 8300, "abcd2345")),
        (
            "http://192.168.1.7:8300/en/?code=abcd2345",
            ClassAddress("192.168.1.7", 8300, "abcd2345"),
        ),
        ("http://192.168.1.7:8300/ru/board/", ClassAddress("192.168.1.7", 8300)),
        ("[fd00::7]:8300", ClassAddress("[fd00::7]", 8300)),
    ],
)
def test_an_address_is_read_as_people_write_it(typed, address):
    assert read_address(typed) == address


@pytest.mark.parametrize(
    "typed", ["", "http://", "a b", "1.2.3.4:99999", "ftp://host", "me@host", "http://["]
)
def test_what_is_no_address_is_refused_with_an_example(typed):
    with pytest.raises(WorkshopError, match=re.escape("192.168.1.7:8300")):
        read_address(typed)


# ---- The outbox.


def outbox_in(folder, now=5.0):
    return Outbox(folder, lambda: now)


def whats(outbox):
    return [report.what for report in outbox.after(0, 100)]


def test_what_is_noted_is_there_when_up_is_started_again(tmp_path):
    outbox = outbox_in(tmp_path)
    outbox.welcomed(Membership("class", "Anna", "1.token"), 0)
    outbox.add(Hand(True))
    outbox.add(CodeShown(True))
    again = outbox_in(tmp_path)
    assert again.membership.name == "Anna"
    assert again.after(0, 100) == [Report(1, 5.0, Hand(True)), Report(2, 5.0, CodeShown(True))]
    assert again.after(1, 100) == [Report(2, 5.0, CodeShown(True))]
    assert again.last_of(Hand).number == 1


def test_half_a_line_that_a_killed_up_has_left_is_no_report(tmp_path):
    outbox = outbox_in(tmp_path)
    outbox.welcomed(Membership("class", "Anna", "1.token"), 0)
    outbox.add(Hand(True))
    with (tmp_path / "reports.jsonl").open("ab") as file:
        file.write(b'{"number":2,"at"')
    again = outbox_in(tmp_path)
    again.add(Hand(False))
    assert whats(outbox_in(tmp_path)) == [Hand(True), Hand(False)]


def test_nothing_of_one_class_is_told_to_another(tmp_path):
    outbox = outbox_in(tmp_path)
    outbox.welcomed(Membership("monday", "Anna", "1.token"), 0)
    outbox.add(Hand(True))
    assert not outbox.welcomed(Membership("tuesday", "Anna", "7.token"), 0)
    outbox.add(Hand(False))
    assert outbox_in(tmp_path).after(0, 100) == [Report(1, 5.0, Hand(False))]


def test_an_outbox_that_was_lost_goes_on_after_what_the_board_has(tmp_path):
    outbox = outbox_in(tmp_path)
    outbox.add(Hand(True))
    assert outbox.welcomed(Membership("class", "Anna", "1.token"), 40)
    outbox.add(Hand(False))
    assert outbox_in(tmp_path).after(40, 100) == [Report(41, 5.0, Hand(False))]


def test_a_folder_that_cannot_be_written_ends_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    outbox = outbox_in(tmp_path / "file" / "joined")
    outbox.add(Hand(True))
    outbox.welcomed(Membership("class", "Anna", "1.token"), 0)
    assert whats(outbox) == [Hand(True)]


# ---- The connection.


class FakeBoard:
    """A board of ours: keeps what it is told, and acknowledges unless it `drops`."""

    def __init__(self):
        self.kept = {}
        self.hellos = []
        self.files = []
        self.class_id = "class"
        self.drops = self.forgets = False
        self.refuses = None
        self.connected = asyncio.Queue()
        self.news = asyncio.Queue()

    async def __call__(self, socket):
        with suppress(ConnectionClosed):
            await self.speak(socket)

    async def speak(self, socket):
        await self.say(socket, messages.Board(self.class_id))
        hello = msgspec.json.decode(await socket.recv(), type=messages.FromLearner)
        assert isinstance(hello, Hello)
        self.hellos.append(hello)
        if self.refuses:
            await self.say(socket, Refused(self.refuses))
            return
        await self.say(
            socket, Welcome(hello.name, max(self.kept, default=0), "" if hello.token else "1.token")
        )
        await self.connected.put(socket)
        async for content in socket:
            frame = msgspec.json.decode(content, type=messages.FromLearner)
            await self.heard(socket, frame)

    async def heard(self, socket, frame):
        if isinstance(frame, CodeFile):
            self.files.append(frame)
            await self.news.put(frame)
            return
        if not self.forgets:
            self.kept.update({report.number: report.what for report in frame.reports})
        if self.drops:  # the worst moment: it is on disk, and the learner does not know
            socket.transport.abort()
            return
        await self.say(socket, Acknowledged(frame.reports[-1].number))
        await self.news.put(frame)

    async def say(self, socket, frame):
        await socket.send(msgspec.json.encode(frame).decode())


@asynccontextmanager
async def connected(tmp_path, **options):
    """Give a board, and a connection to it that runs."""
    board = FakeBoard()
    async with serve(board, "127.0.0.1", 0) as server, asyncio.timeout(PATIENCE):
        address = ClassAddress("127.0.0.1", server.sockets[0].getsockname()[1])
        outbox = outbox_in(tmp_path)
        connection = Connection(address, Member("Anna", "code"), outbox, lambda: 5.0, **options)
        running = asyncio.create_task(connection.run())
        yield SimpleNamespace(board=board, connection=connection, outbox=outbox, running=running)
        running.cancel()
        await asyncio.wait([running])


@pytest.mark.parametrize("forgets", [False, True])
async def test_what_was_not_acknowledged_is_told_again_and_counted_once(tmp_path, forgets):
    changed = asyncio.Event()
    async with connected(tmp_path, changed=changed.set) as link:
        await link.board.connected.get()
        link.board.drops, link.board.forgets = True, forgets
        for up in (True, False, True):
            link.outbox.add(Hand(up))
        link.connection.tell()
        await link.board.connected.get()
        assert link.board.hellos[1].token == "1.token"
        link.board.drops = link.board.forgets = False
        link.outbox.add(CodeShown(False))
        link.connection.tell()
        while link.connection.acknowledged < 4:
            changed.clear()
            await changed.wait()
        assert list(link.board.kept.values()) == [
            Hand(True),
            Hand(False),
            Hand(True),
            CodeShown(False),
        ]


async def test_it_begins_anew_where_another_class_is_held(tmp_path):
    begun = asyncio.Event()
    async with connected(tmp_path, begins_anew=begun.set) as link:
        socket = await link.board.connected.get()
        link.outbox.add(Hand(True))
        link.connection.tell()
        await link.board.news.get()
        link.board.class_id, link.board.kept = "another", {}
        socket.transport.abort()
        await link.board.connected.get()
        await begun.wait()
        assert link.board.hellos[1].token == ""  # that of a class is shown to no other
        assert whats(link.outbox) == []


@pytest.mark.parametrize("code", [messages.WRONG_CODE, messages.FULL, messages.OTHER_VERSION])
async def test_a_refusal_ends_it(tmp_path, code):
    async with connected(tmp_path) as link:
        link.board.refuses = code
        await link.running
        assert (link.connection.link, link.connection.refusal) == ("refused", code)
        assert str(refusal(code).fix)


def test_some_refusals_are_worth_another_try():
    assert not TurnedAway(messages.TOO_MUCH).is_final
    assert not TurnedAway(messages.OUT_OF_ORDER).is_final
    assert TurnedAway(messages.FULL).is_final


async def test_a_newcomer_is_told_at_once_that_the_code_is_wrong(tmp_path):
    async with connected(tmp_path) as link:
        link.board.refuses = messages.WRONG_CODE
        connection = Connection(
            link.connection.address, Member("Boris"), outbox_in(tmp_path / "b"), lambda: 5.0
        )
        with pytest.raises(TurnedAway) as refused:
            await connection.join()
        assert refused.value.is_final


async def test_files_are_sent_when_they_are_wanted(tmp_path):
    files = [CodeFile("a.py", "1", 1, 1)]
    async with connected(tmp_path, code=lambda: files) as link:
        socket = await link.board.connected.get()
        link.connection.show_code()  # nobody looks: nothing is sent
        link.outbox.add(Hand(True))
        link.connection.tell()
        assert isinstance(await link.board.news.get(), Reports)
        await link.board.say(socket, Wishes(code=True))
        assert await link.board.news.get() == files[0]
        link.connection.show_code()
        assert await link.board.news.get() == files[0]


# ---- What is told.


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKSHOP_WORKSPACE", str(tmp_path / "workspace"))
    return Workspace()


@pytest.fixture
def at_work(workspace, tmp_path):
    """A link, the state of somebody who has begun the first task, and what was told so far."""
    folder = workspace.start(LESSON)
    file = folder / workspace.places(LESSON)[0].path
    file.write_text(file.read_text(encoding="utf-8").replace("not_written", "SECRET"), "utf-8")
    for place in workspace.places(LESSON):
        text = (folder / place.path).read_text(encoding="utf-8")
        text = text.replace(
            f"# TASK {TASK.sections[0]}\n", f"# TASK {TASK.sections[0]}\n# SECRET\n"
        )
        (folder / place.path).write_text(text, encoding="utf-8")
    outbox = outbox_in(tmp_path / "joined")
    link = ClassLink(ClassAddress("127.0.0.1", 9), Member("Anna"), outbox)
    state = State(
        LESSON,
        "http://127.0.0.1:9/",
        LessonState(),
        folder=folder,
        places=tuple(workspace.places(LESSON)),
    )
    assert state.is_begun(TASK)
    assert not state.is_begun(NEXT)
    now = SimpleNamespace(state=state)
    link.attach(lambda: now.state, lambda attendance: None)

    def turn(**fields):
        before, now.state = now.state, replace(now.state, **fields)
        told = outbox.last
        link(before, now.state)
        return [report.what for report in outbox.after(told, 1_000)]

    return SimpleNamespace(link=link, outbox=outbox, turn=turn, now=now)


def failure():
    return Failure(
        message("expected {text}", text="SECRET"),
        message("actual {text}", text="SECRET"),
        moments=[Moment("SECRET", "sends", "SECRET")],
        file="chat/SECRET.py",
        line=7,
        traceback="SECRET",
        warning="SECRET",
        input="SECRET",
        known=LESSON.known_errors[0].id,
    )


def result(check, status, failure=None):
    return Result(check.id, check.task, status, 1, failure)


def judged(at_work, *results, broken=None):
    state = at_work.now.state
    verdict = Verdict(LESSON.name, "", list(results), broken=broken)
    return JudgedWork(LESSON, state.folder, verdict, list(state.places))


def test_checks_are_told_one_by_one_as_they_end_and_only_if_they_are_news(at_work):
    assert at_work.turn(so_far=()) == [Turned(LESSON.name, TASK.id)]
    first, second = result(CHECK, "fail", failure()), result(OTHER, "pass")
    (told,) = at_work.turn(so_far=(first,))
    assert (told.check, told.status, told.known) == (CHECK.id, "fail", LESSON.known_errors[0].id)
    assert re.fullmatch("[0-9a-f]{8}", told.way)
    assert at_work.turn(so_far=(first, second)) == [Checked(LESSON.name, TASK.id, OTHER.id, "pass")]
    verdict = judged(at_work, first, second)
    assert at_work.turn(so_far=None, judged=verdict) == [Judged(LESSON.name)]
    assert at_work.turn(so_far=(first,)) == []
    assert at_work.turn(so_far=None, judged=judged(at_work, first, second)) == [Judged(LESSON.name)]


def test_what_nobody_has_begun_is_not_told_as_a_failure(at_work):
    (check, *_) = LESSON.checks_of(NEXT)
    at_work.turn(so_far=())
    assert at_work.turn(so_far=(result(check, "fail", failure()),)) == []


def test_a_task_that_is_done_is_told_after_its_checks(at_work):
    at_work.turn(so_far=())
    results = [result(check, "pass") for check in LESSON.checks_of(TASK)]
    progress = LessonState(checks={r.id: "pass" for r in results})
    told = at_work.turn(judged=judged(at_work, *results), progress=progress)
    assert [type(what) for what in told[-2:]] == [Judged, Turned]
    assert told[-1] == Turned(LESSON.name, NEXT.id)
    all_passed = LessonState(checks={check.id: "pass" for check in LESSON.checks})
    assert at_work.turn(progress=all_passed) == [Turned(LESSON.name, stage="passed")]


def test_what_does_not_start_is_told_by_its_kind(at_work):
    at_work.turn(so_far=())
    (told,) = at_work.turn(broken=DoesNotRun("SECRET\nSyntaxError: SECRET", "SECRET", 1))
    (same,) = at_work.turn(broken=DoesNotRun("OTHER\nSyntaxError: OTHER", "OTHER", 2))
    assert told == same
    assert told.broken


def test_no_code_and_no_text_of_anybody_is_ever_told(at_work):
    at_work.turn(so_far=())
    at_work.turn(so_far=(result(CHECK, "fail", failure()),))
    at_work.turn(judged=judged(at_work, broken=DoesNotRun("SECRET", "SECRET", 1, None)))
    at_work.turn(broken=DoesNotRun("SECRET", "SECRET", 1))
    told = msgspec.json.encode(at_work.outbox.after(0, 1_000)).decode()
    assert "SECRET" not in told
    assert str(at_work.now.state.folder) not in told


def test_what_was_told_before_up_was_started_again_is_no_news_and_is_taken_back(
    at_work, monkeypatch
):
    at_work.turn(so_far=())
    failed = result(CHECK, "fail", failure())
    at_work.turn(so_far=(failed,))
    again = ClassLink(ClassAddress("127.0.0.1", 9), Member("Anna"), at_work.outbox)
    state = replace(at_work.now.state, so_far=(failed,))
    assert list(again._news_in(state)) == [Turned(LESSON.name, TASK.id)]
    monkeypatch.setattr(State, "is_begun", lambda state, task: False)  # they have started over
    (taken_back,) = again._news_in(state)
    assert (taken_back.check, taken_back.status) == (CHECK.id, "ahead")


def test_files_are_shown_only_while_the_learner_says_so(at_work):
    assert at_work.link._code() == []
    at_work.link.show_code(True)
    assert at_work.link.attendance.shows_code
    files = at_work.link._code()
    assert "SECRET" in "".join(file.text for file in files)
    assert files[0].path in {str(place.path) for place in at_work.now.state.places}
    assert [(file.number, file.of) for file in files] == [
        (number, len(files)) for number in range(1, len(files) + 1)
    ]
    at_work.link.show_code(False)
    assert at_work.link._code() == []


def test_each_up_asks_anew_whether_code_is_shown(at_work):
    at_work.link.show_code(True)
    ClassLink(ClassAddress("127.0.0.1", 9), Member("Anna"), at_work.outbox)
    assert at_work.outbox.last_of(CodeShown).what == CodeShown(False)


def test_a_hand_is_up_until_the_instructor_has_seen_it(at_work):
    at_work.link.raise_hand(True)
    assert at_work.link.attendance.hand
    at_work.link._connection.wishes = Wishes(lowered=at_work.outbox.last)
    assert not at_work.link.attendance.hand
    at_work.link.raise_hand(True)
    assert at_work.link.attendance.hand


def test_may_i_help_is_asked_until_it_is_answered(at_work):
    at_work.link._connection.wishes = Wishes(help=True)
    assert at_work.link.attendance.asked
    at_work.link.answer(True)
    assert not at_work.link.attendance.asked
    assert at_work.link.attendance.shows_code
    assert [r.what for r in at_work.outbox.after(0, 9)] == [Answered(True), CodeShown(True)]


# ---- The panel.


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"link": "connected"}, "sees how your checks go"),
        ({"link": "lost"}, "nothing is lost"),
        ({"link": "refused", "refusal": refusal(messages.FULL)}, "takes no more"),
        ({"hand": True}, 'data-do="hand" data-what="no"'),
        ({"shows_code": True}, "Stop showing my code"),
        ({"asked": True}, "may I help?"),
    ],
)
def test_the_panel_says_how_it_stands_with_the_class(at_work, fields, said):
    set_up_django(settings)
    attendance = Attendance("192.0.2.7:8300", "<b>Anna</b>", **fields)
    state = replace(at_work.now.state, attendance=attendance)
    shown = panel.regions(SimpleNamespace(state=state, lessons=[LESSON]), "en")["class"]
    assert said in shown
    assert "&lt;b&gt;Anna" in shown
    assert ("data-do" in shown) == (attendance.link != "refused")


def test_without_a_class_the_panel_says_nothing_of_it(at_work):
    set_up_django(settings)
    shown = panel.regions(SimpleNamespace(state=at_work.now.state, lessons=[LESSON]), "ru")
    assert shown["class"] == ""


# ---- The command line.


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("up --name Anna", "--name and --code go with --class."),
        ("up --class 127.0.0.1:9/abcd2345", "Say who you are: --name NAME"),
        ("up --class 127.0.0.1:9 --name Anna", "--code CODE"),
        (f"up --class 127.0.0.1:9/abcd2345 --name {'x' * 41}", "at most 40 characters"),
        ("up --class ftp://x --name Anna", "is no address of a class"),
        ("class --port 0", "0 is not in the range 1<=x<=65535"),
        ("class --summary --new", "--summary goes alone, or with --json."),
        ("class --summary", "No class was held in this workspace yet."),
        ("class --host 192.0.2.7", "192.0.2.7 is not an address of this machine."),
        ("class --workers 0", "0 is not in the range 1<=x<=32"),
    ],
)
def test_wrong_usage_names_cause_and_fix(workshop, workspace, arguments, said):
    code, out, errors = workshop(*arguments.split())
    assert (code, out) == (2, "")
    assert said in errors


def test_wrong_usage_is_one_document_where_that_is_asked_for(workshop, workspace):
    code, out, errors = workshop("class", "--json")
    assert code == 2
    assert json.loads(out)["message"] == "--json goes with --summary."
    assert "--json goes with --summary." in errors


def test_what_the_last_class_comes_to_as_one_document(workshop, workspace):
    ledger = Ledger(workspace.root / "class" / "held" / "2026-11-28-090000.sqlite3")
    for number in range(1, 6):
        learner, _token = ledger.join(f"Name {number}", 0.0)
        told = [
            (0, Turned(LESSON.name, TASK.id)),
            (400, Checked(LESSON.name, TASK.id, CHECK.id, "fail", "abcdef01")),
            (600, Checked(LESSON.name, TASK.id, CHECK.id, "pass")),
            (600, Turned(LESSON.name, NEXT.id)),
        ]
        ledger.take(
            learner.id, [Report(n, float(at), what) for n, (at, what) in enumerate(told, 1)]
        )
    ledger.close()
    code, out, errors = workshop("class", "--summary", "--json")
    assert (code, errors) == (0, "")
    document = json.loads(out)
    assert (document["version"], document["learners"]) == (1, 5)
    assert document["tasks"] == [
        {
            "lesson": LESSON.name,
            "task": TASK.id,
            "planned": TASK.minutes,
            "finished": 5,
            "median": 10.0,
            "quartiles": [10.0, 10.0],
            "corrected": 10,
        }
    ]
    assert [(row["check"], row["learners"]) for row in document["mistakes"]] == [(CHECK.id, 5)]
    code, out, _errors = workshop("class", "--summary")
    assert code == 0
    assert "lesson.toml should say 10" in out
    assert "Name" not in out


# ---- The words of the board.


def test_every_word_of_the_pages_has_its_russian(assert_translated):
    set_up_django(settings)
    assert_translated(BOARD, CATALOGUE)
