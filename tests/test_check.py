"""`check`, once and at each save: what is printed, and that nothing waits for an outdated check."""

import dataclasses
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from queue import SimpleQueue

import pytest

from channels_workshop import language
from channels_workshop.cli import check as check_module
from channels_workshop.cli import judging_process
from channels_workshop.cli.check import check_for_person, check_for_program
from channels_workshop.cli.terminal.console import console
from channels_workshop.cli.terminal.keys import plain_key
from channels_workshop.cli.terminal.watching import Screen, TerminalScreen
from channels_workshop.cli.watching import Watch
from channels_workshop.course.lesson import KnownError
from channels_workshop.course.lessons import find_lesson
from channels_workshop.course.words import Words
from channels_workshop.errors import WorkshopError
from channels_workshop.judging.events import Began, CheckEnded, Ended, NotJudged, Printed
from channels_workshop.judging.failure import DoesNotRun, Failure
from channels_workshop.judging.judge import Judge
from channels_workshop.judging.timeline import Moment
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.language import message, verbatim
from channels_workshop.learner.attempt import attempt_in, own_attempt
from channels_workshop.learner.progress import Progress
from channels_workshop.learner.workspace import Workspace

#: Seconds after which a test is called off.
LIMIT = 30

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="no such terminals and signals there")


@pytest.fixture(autouse=True)
def speaks_english(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setenv("WORKSHOP_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("WORKSHOP_COMMAND", "python3 workshop.py")
    monkeypatch.setenv("LANGUAGE", "")
    monkeypatch.chdir(tmp_path)
    language.speak("en")
    yield
    language.speak("en")


@pytest.fixture(scope="module")
def lesson():
    return find_lesson("3")


@pytest.fixture
def folder(lesson):
    """Return the learner's folder, with the first two tasks done and `receive` begun."""
    folder = Workspace().start(lesson, at="receive")
    frames = folder / "chat/frames.py"
    text = frames.read_text(encoding="utf-8")
    frames.write_text(text.replace('BadFrame("not_written")', "KeyError"), encoding="utf-8")
    return folder


@pytest.fixture
def attempt(lesson, folder):
    return own_attempt(lesson)


def verdict_on(attempt, **changes):
    """Return a verdict in which every check passes; `changes` holds fields of Result by check id."""
    results = [
        Result(check.id, check.task, "pass", check.points) for check in attempt.lesson.checks
    ]
    by_id = {result.id: result for result in results}
    for check_id, fields in changes.items():
        for field, value in fields.items():
            setattr(by_id[check_id], field, value)
    return Verdict(attempt.lesson.name, str(attempt.folder), results, duration=1.23, seed=7)


def unwritten(attempt, *tasks):
    """Return the changes for `verdict_on` with which every check of `tasks` fails."""
    fails = {"status": "fail", "failure": Failure(message("nothing"), verbatim("not_written"))}
    return {check.id: fails for check in attempt.lesson.checks if check.task in tasks}


class FakeJudge:
    """Gives the events that are put in, a list for each job; keeps what was asked of it."""

    def __init__(self, *runs):
        self.runs = list(runs)
        self.jobs = []

    def judge(self, job):
        self.jobs.append(job)
        yield from self.runs.pop(0)

    verdict = Judge.verdict

    def cancel(self):
        raise AssertionError("nothing is to be cancelled")

    def warm_spare(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass


def events_of(verdict):
    """Return what a judge says on the way to `verdict`."""
    began = Began([result.id for result in verdict.checks], verdict.seed)
    return [began, *map(CheckEnded, verdict.checks), Ended(verdict)]


@pytest.fixture
def on_terminal(monkeypatch):
    """Return a function that makes standard output a terminal so many columns wide."""

    def be(width):
        monkeypatch.setattr(console, "_force_terminal", True)
        monkeypatch.setattr(console, "_width", width)
        monkeypatch.setattr(console, "_color_system", None)

    return be


def without_codes(text):
    """Return what a terminal shows: the last state of each line, without colours."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    return re.sub(r"[^\n]*\r(?!\n)", "", text)


@pytest.fixture
def shown(capsys):
    """Return a function that returns what `check` prints of a verdict, and its exit code."""

    def show(attempt, verdict, **options):
        code = check_for_person(attempt, FakeJudge(events_of(verdict)), **options)
        return without_codes(capsys.readouterr().out), code

    return show


# --- a failure


@pytest.fixture
def race():
    """Return a failure with a hundred moments, a long traceback and all that there can be."""
    moments = [
        Moment(f"person {n % 7}", "sends", json.dumps({"message": f"привет {n}"}))
        for n in range(100)
    ]
    frames = [f'  File "chat/frames.py", line {n}\n    call_{n}()' for n in range(20)]
    traceback = "\n".join(
        ["Traceback (most recent call last):", *frames, "TypeError: not serializable"]
    )
    return Failure(
        expected=message("nothing"),
        actual=verbatim('{"type": "error", "code": "not_written", "detail": "писать"}'),
        moments=moments,
        file="chat/frames.py",
        line=20,
        traceback=traceback,
        warning='chat/consumers.py:9\nRuntimeWarning: coroutine "f" was never awaited',
        input='{"message": "\x83"}',
        known="no-await",
    )


@pytest.fixture
def attempt_with_known_error(attempt):
    title = Words("A coroutine is not JSON", "Корутина — не JSON")
    known = KnownError("no-await", "TypeError", "mistake-no-await", title)
    lesson = dataclasses.replace(attempt.lesson, known_errors=[known])
    return dataclasses.replace(attempt, lesson=lesson)


def test_the_cause_comes_first_and_the_story_is_cut_to_its_end(
    attempt_with_known_error, race, shown
):
    attempt = attempt_with_known_error
    verdict = verdict_on(attempt, binary={"status": "fail", "failure": race})
    text, code = shown(attempt, verdict)
    assert code == 1
    _checks, said = text.split("\n✗ ")
    parts = [
        "TypeError: not serializable",
        'RuntimeWarning: coroutine "f" was never awaited',
        "your line: chat/frames.py:20",
        "A common mistake: “A coroutine is not JSON”",
        "docs/en/symptoms/03_chat_consumer.md#mistake-no-await",
        "A binary frame is answered",
        "expected: nothing",
        "actual: {",
        r"input: {\"message\": \"\x83\"}".replace('\\"', '"'),
        "… and 94 more moments before",
        "привет 94",
        "привет 99",
        "more lines before",
        "call_19()",
        "Next: python3 workshop.py hint 03 receive",
    ]
    places = [said.find(part) for part in parts if not part.startswith("A binary")]
    assert -1 not in places, [parts[n] for n, place in enumerate(places) if place == -1]
    assert places == sorted(places)
    assert "привет 93" not in said
    assert "call_0()" not in said


def test_verbose_shows_all_of_every_failure(attempt_with_known_error, race, shown):
    attempt = attempt_with_known_error
    other = Failure(message("nothing"), verbatim("another failure"))
    verdict = verdict_on(
        attempt,
        binary={"status": "fail", "failure": race},
        broken_json={"status": "fail", "failure": other},
    )
    text, _code = shown(attempt, verdict)
    assert "1 more check fails" in text
    assert "another failure" not in text
    text, _code = shown(attempt, verdict, verbose=True)
    assert "another failure" in text
    assert text.count("привет") == 100
    assert "call_0()" in text
    assert "more moments" not in text


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("tongue", ["en", "ru"])
def test_no_line_is_broken_within_a_word_or_a_command(
    attempt_with_known_error, race, shown, on_terminal, width, tongue
):
    attempt = attempt_with_known_error
    language.speak(tongue)
    verdict = verdict_on(attempt, binary={"status": "fail", "failure": race})
    attempt.judged(verdict)  # the tasks that are done with it are named once
    on_one_line, _code = shown(attempt, verdict)
    on_terminal(width)
    text, _code = shown(attempt, verdict)
    assert max(map(len, text.splitlines())) <= width
    assert "python3 workshop.py hint 03 receive\n" in text
    # Data is cut at the edge; every word that is ours is there as a whole.
    words = [word for line in on_one_line.splitlines() for word in line.split()]
    ours = [word for word in words if re.fullmatch(r"[^\W\d_]+[.,:]?", word)]
    assert len(ours) > 100
    assert set(ours) <= set(text.split())


def test_nothing_is_cut_where_there_is_no_terminal(attempt, race, shown):
    moment = Moment("ann", "receives", "y" * 90)
    failure = dataclasses_like(race, moments=[moment], known=None)
    text, _code = shown(attempt, verdict_on(attempt, binary={"status": "fail", "failure": failure}))
    assert "y" * 90 in text


def dataclasses_like(failure, **changes):
    fields = {name: getattr(failure, name) for name in failure.__struct_fields__}
    return Failure(**{**fields, **changes})


def test_a_check_that_went_wrong_by_itself_is_not_blamed_on_the_learner(attempt, shown):
    report = "    def test_binary():\n>       1 / 0\nE       ZeroDivisionError: division by zero"
    changes = {"status": "error", "message": verbatim(report)}
    text, _code = shown(attempt, verdict_on(attempt, binary=changes))
    assert "which says nothing about your work" in text
    assert "ZeroDivisionError: division by zero" in text
    assert "def test_binary" not in text
    text, _code = shown(attempt, verdict_on(attempt, binary=changes), verbose=True)
    assert "def test_binary" in text


# --- a project that does not start


def broken(attempt, traceback, file=None, line=None):
    verdict = verdict_on(attempt)
    for result in verdict.checks:
        result.status, result.message = "error", message("The project does not start.")
    verdict.broken = DoesNotRun(traceback, file, line)
    return verdict


def test_a_project_that_does_not_start_is_reported_by_place_and_exception(attempt, shown):
    traceback = (
        'Traceback (most recent call last):\n  File "chat/frames.py", line 36\n    def x(:\n'
        "          ^\nSyntaxError: invalid syntax"
    )
    text, code = shown(attempt, broken(attempt, traceback, "chat/frames.py", 36))
    assert code == 1
    assert text.splitlines()[:3] == [
        "The project does not start.",
        "  chat/frames.py:36",
        "  SyntaxError: invalid syntax",
    ]
    assert text.count("SyntaxError") == 1
    # The hints are those of the task that the error stands in, not of the first.
    assert "hint 03 receive\n" in text
    assert "✗" not in text


def test_a_typo_takes_no_progress_away(attempt, shown):
    lesson = attempt.lesson
    shown(attempt, verdict_on(attempt, **unwritten(attempt, "receive", "deliver")))
    assert Progress().current_task(lesson).id == "receive"
    shown(attempt, broken(attempt, "SyntaxError: invalid syntax", "chat/rooms.py", 1))
    assert Progress().current_task(lesson).id == "receive"


def test_a_package_that_cannot_be_added_is_explained(attempt, shown):
    traceback = "ModuleNotFoundError: No module named 'pandas'"
    text, _code = shown(attempt, broken(attempt, traceback, "chat/rooms.py", 1))
    assert "“pandas” is not installed" in text
    assert "others cannot be added" in text


# --- a verdict


def marks(text):
    """Return the signs before the checks, as one string for each task."""
    checks = text.split("\n✗ ")[0].split(" points")[0]
    blocks = [re.findall(r"^  ([✓✗○–!]) ", block, re.M) for block in checks.split("\n\n")]
    return ["".join(block) for block in blocks if block]


def test_unwritten_tasks_are_ahead_and_what_was_left_out_says_why_once(attempt, shown):
    why = {
        "status": "not_run",
        "is_left_out": True,
        "message": message("Left out: same cause as “{check}”.", check="x"),
    }
    verdict = verdict_on(
        attempt,
        **unwritten(attempt, "receive", "deliver"),
        leaves_its_group={"status": "fail", "failure": Failure(message("nothing"), verbatim("?"))},
        drops_out_of_its_group=why,
    )
    for result in verdict.checks:
        if result.task == "receive":
            for field, value in why.items():
                setattr(result, field, value)
    text, code = shown(attempt, verdict)
    assert code == 1
    join, leave, receive, deliver = marks(text)
    assert set(join) == {"✓"}
    assert leave == "✗–"
    assert set(receive) == {"–"}  # it is begun
    assert set(deliver) == {"○"}
    assert text.count("Left out: same cause as “x”.") == 1


def test_what_is_left_of_a_task_is_named_with_its_place(attempt, folder, shown):
    text, code = shown(attempt, verdict_on(attempt, **unwritten(attempt, "deliver")))
    assert code == 1
    assert "✓ Task done: Join\n✓ Task done: Leave\n✓ Task done: Receive\n" in text
    assert "Next: Deliver\n" in text
    (line,) = re.findall(r"chat/consumers\.py:(\d+)", text)
    lines = (folder / "chat/consumers.py").read_text(encoding="utf-8").splitlines()
    assert lines[int(line) - 1].strip() == "# TASK chat_message"
    assert "--seed" not in text
    # Done is done: said once.
    text, _code = shown(attempt, verdict_on(attempt, **unwritten(attempt, "deliver")))
    assert "Task done" not in text


def test_a_lesson_that_is_done_leads_on(attempt, shown):
    text, code = shown(attempt, verdict_on(attempt))
    assert code == 0
    assert "Task done: Deliver" in text
    for verb in ("run 03 --mine", "diff 03", "solution 03", "start 04"):
        assert f": python3 workshop.py {verb}\n" in text
    assert "two browser windows" in text
    assert "“Who is online”" in text


def test_after_the_last_lesson_nothing_follows(shown):
    lesson = find_lesson("6")
    Workspace().start(lesson)
    attempt = own_attempt(lesson)
    text, _code = shown(attempt, verdict_on(attempt))
    assert "That was the last lesson" in text
    assert "start" not in text


def test_another_folder_is_judged_and_that_is_all(lesson, shown):
    attempt = attempt_in(lesson, lesson.folder)
    text, code = shown(attempt, verdict_on(attempt))
    assert code == 0
    assert "Every check passes" in text
    assert "Task done" not in text
    assert "workshop.py" not in text
    assert not Progress().path.exists()


def test_who_edits_the_reference_is_shown_where_their_files_are(attempt, shown, monkeypatch):
    edited = [PurePosixPath("chat/rooms.py")]
    monkeypatch.setattr(Workspace, "edited_reference", lambda self, lesson: edited)
    text, _code = shown(attempt, verdict_on(attempt, **unwritten(attempt, "deliver")))
    edited_one = attempt.lesson.folder / "chat/rooms.py"
    yours = Path("workspace", attempt.lesson.name, "chat", "rooms.py")
    assert f"{edited_one} belongs to the reference" in text
    assert f"Yours is {yours}." in text


def test_what_the_project_prints_is_shown(attempt, shown, capsys):
    verdict = verdict_on(attempt)
    lines = [f"line {n}" for n in range(30)]
    judge = FakeJudge([Began([], 7), Printed(lines[:15]), Printed(lines[15:]), Ended(verdict)])
    check_for_person(attempt, judge)
    text = capsys.readouterr().out
    assert text.startswith("Your project printed:\n  │ …\n  │ line 20\n")
    assert "  │ line 29\n" in text


def test_people_are_told_soon_and_programs_everything(attempt, capsys):
    lesson = attempt.lesson
    verdict = verdict_on(attempt, **unwritten(attempt, "deliver"))
    judge = FakeJudge(events_of(verdict), events_of(verdict))
    check_for_person(attempt, judge, seed=3)
    capsys.readouterr()
    assert check_for_program(attempt, judge, seed=3) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    assert document["lesson"] == lesson.name
    assert len(document["checks"]) == len(lesson.checks)
    assert [job.stops_early for job in judge.jobs] == [True, False]
    assert [job.seed for job in judge.jobs] == [3, 3]
    assert [job.first for job in judge.jobs] == ["join", "deliver"]


def test_where_there_is_no_verdict_the_reason_is_raised(attempt):
    judge = FakeJudge([NotJudged(message("It is late."), message("Go to bed."))])
    with pytest.raises(WorkshopError) as error:
        check_for_person(attempt, judge)
    assert str(error.value) == "It is late.\nGo to bed."


# --- the verb


@pytest.fixture
def workshop(workshop, monkeypatch):
    """The same, with a judge that may be another."""

    def run(*arguments, judge=None):
        monkeypatch.setattr(judging_process, "start_early", lambda: None)
        monkeypatch.setattr(check_module, "judge", lambda: judge or FakeJudge())
        return workshop(*arguments)

    return run


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ("check", "Say which lesson: "),
        ("check 99", "There is no lesson “99”."),
        ("check 4", "You have not started 04_online_counter yet."),
        ("check 3 --seed x", "'x' is not a valid integer."),
        ("check 3 --target nowhere", "does not exist"),
        ("check 3 --watch --json", "choose one of them"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_wrong_usage_is_one_document_as_well(workshop, arguments, shown, as_json):
    arguments += " --json" if as_json and "--json" not in arguments else ""
    code, out, errors = workshop(*arguments.split())
    assert code == 2
    assert shown in errors
    if "--json" in arguments:
        document = json.loads(out)
        assert (document["version"], document["status"]) == (1, "error")
        assert shown in document["message"]
        assert set(document) == {"version", "status", "message", "fix"}
    else:
        assert out == ""


def test_the_verb_finds_the_project_inside_and_says_so(workshop, attempt):
    judge = FakeJudge(events_of(verdict_on(attempt)))
    folder = str(attempt.folder.parent)
    code, out, errors = workshop("check", "3", "--target", folder, "--json", judge=judge)
    assert code == 0
    assert json.loads(out)["status"] == "pass"
    assert errors == f"Found the project inside: {attempt.folder}\n"
    assert judge.jobs[0].target == str(attempt.folder)


def test_no_verdict_is_one_document_as_well(workshop, attempt):
    judge = FakeJudge([NotJudged(message("It is late."), message("Go to bed."))])
    code, out, errors = workshop("check", "3", "--json", judge=judge)
    assert code == 2
    assert json.loads(out) == {
        "version": 1,
        "status": "error",
        "message": "It is late.",
        "fix": "Go to bed.",
    }
    assert errors == "It is late.\nGo to bed.\n"


# --- watching


class Gate(FakeJudge):
    """A judge whose runs wait at the gate after what they have said, until they are cancelled."""

    def __init__(self):
        super().__init__()
        self.asked = SimpleQueue()
        self.said = SimpleQueue()
        self.cancelled = 0

    def judge(self, job):
        self.asked.put(job)
        while (event := self.said.get()) is not None:
            yield event

    def cancel(self):
        self.cancelled += 1
        self.said.put(None)

    def says(self, *events):
        for event in events:
            self.said.put(event)

    def ends(self, verdict):
        self.says(Ended(verdict), None)


class Recorded(Screen):
    """Keeps what is to be shown."""

    def __init__(self):
        super().__init__()
        self.seen = SimpleQueue()

    def opened(self, attempt):
        self.seen.put("opened")

    def checking(self, changed):
        self.seen.put(["checking", *map(str, changed)])

    def judged(self, attempt, judged):
        self.seen.put(judged.verdict.status)

    def not_judged(self, message, fix):
        self.seen.put(str(message))

    def pressed(self, key):
        self.seen.put(f"pressed {key}")


@pytest.fixture
def watching(attempt):
    """Return a watch that runs in a thread, with a judge and a screen of the test's own."""

    @contextmanager
    def run():
        judge, screen = Gate(), Recorded()
        watch = Watch(attempt, judge, screen)
        watch.judge, watch.screen = judge, screen
        thread = threading.Thread(target=watch.run)
        thread.start()
        watch.next = lambda: screen.seen.get(timeout=LIMIT)
        assert watch.next() == "opened"
        try:
            yield watch
        finally:
            watch.press("q")
            thread.join(LIMIT)
            judge.says(None)
        assert not thread.is_alive()

    return run


SAVED = [PurePosixPath("chat/rooms.py")]
ANOTHER = [PurePosixPath("chat/frames.py")]


def test_each_save_is_checked_and_the_last_verdict_is_the_exit_code(watching, attempt):
    passes, fails = verdict_on(attempt), verdict_on(attempt, binary={"status": "fail"})
    with watching() as watch:
        assert watch.next() == ["checking"]
        watch.judge.ends(fails)
        assert watch.next() == "fail"
        watch.save(SAVED)
        assert watch.next() == ["checking", "chat/rooms.py"]
        watch.judge.says(*events_of(passes), None)
        assert watch.next() == "pass"
        assert watch.exit_code == 0
        watch.press("r")
        assert watch.next() == ["checking"]
        watch.judge.ends(fails)
        assert watch.next() == "fail"
        watch.press("h")
        assert watch.next() == "pressed h"
        assert watch.judge.cancelled == 0
    assert watch.exit_code == 1


def test_a_newer_save_ends_the_check_that_runs(watching, attempt):
    with watching() as watch:
        assert watch.next() == ["checking"]
        watch.judge.says(Began([], 1))
        watch.judge.asked.get(timeout=LIMIT)
        watch.judge.said.put(CheckEnded(verdict_on(attempt).checks[0]))
        watch.save(SAVED)
        watch.save(ANOTHER)
        # Both saves are one check, which begins once the first is over.
        assert watch.next() == ["checking", "chat/frames.py", "chat/rooms.py"]
        assert watch.judge.cancelled == 1
        watch.judge.asked.get(timeout=LIMIT)
        watch.judge.ends(verdict_on(attempt))
        assert watch.next() == "pass"


def test_a_save_before_the_judge_is_at_work_waits_for_it(watching, attempt):
    """Cancelled before it has begun, a job might be missed, and run to its end."""
    with watching() as watch:
        assert watch.next() == ["checking"]
        watch.save(SAVED)
        watch.press("x")
        assert watch.next() == "pressed x"  # so the save has been taken
        assert watch.judge.cancelled == 0
        watch.judge.says(Began([], 1))
        assert watch.next() == ["checking", "chat/rooms.py"]
        assert watch.judge.cancelled == 1
        watch.judge.ends(verdict_on(attempt))
        assert watch.next() == "pass"


def test_a_verdict_that_is_outdated_when_it_comes_is_not_shown(watching, attempt):
    with watching() as watch:
        assert watch.next() == ["checking"]
        watch.save(SAVED)
        watch.press("x")
        assert watch.next() == "pressed x"
        watch.judge.ends(verdict_on(attempt))  # it never said that it had begun
        assert watch.next() == ["checking", "chat/rooms.py"]
        watch.judge.ends(verdict_on(attempt, binary={"status": "fail"}))
        assert watch.next() == "fail"
    # Nor is it kept: only the second counts.
    assert Progress().lesson_state(attempt.lesson).checks["binary"] == "fail"
    assert Progress().lesson_state(attempt.lesson).passed is False


def test_watching_outlives_a_check_that_is_not_possible(watching, attempt):
    with watching() as watch:
        assert watch.next() == ["checking"]
        watch.judge.says(NotJudged(message("It is late."), message("Go to bed.")), None)
        assert watch.next() == "It is late."
        watch.save(SAVED)
        assert watch.next() == ["checking", "chat/rooms.py"]
        watch.judge.ends(verdict_on(attempt))
        assert watch.next() == "pass"


def test_what_a_thread_raises_ends_the_watching(attempt):
    class Failing(Gate):
        def judge(self, job):
            raise OSError("no memory")

    with pytest.raises(OSError, match="no memory"):
        Watch(attempt, Failing(), Recorded()).run()


# --- the screen of `check --watch`


@pytest.fixture
def screen(attempt, on_terminal, capsys):
    """Return a screen with a verdict of two failures, and a function that presses a key."""
    on_terminal(80)
    screen = TerminalScreen()
    screen.has_keys = True
    screen.opened(attempt)
    screen.checking([])
    failures = {
        name: {"status": "fail", "failure": Failure(message("nothing"), verbatim(f"saw {name}"))}
        for name in ("binary", "broken_json")
    }
    verdict = verdict_on(attempt, **{**unwritten(attempt, "deliver"), **failures})
    screen.judged(attempt, attempt.judged(verdict))

    def press(key):
        capsys.readouterr()
        screen.pressed(key)
        return capsys.readouterr().out

    screen.first = capsys.readouterr().out
    screen.press = press
    yield screen
    screen.close()


def test_the_headline_stays_and_a_verdict_fits_a_screen(screen):
    *_before, last = screen.first.split("\x1b[2J")
    text = without_codes(last)
    assert text.lstrip().startswith("03  A chat with rooms  ●●○○  ")
    assert "saw binary" in text
    assert "1 more check fails" in text
    assert "Join     ✓✓✓✓✓✓✓✓✓✓\n" in text
    assert "n next failure · h hint · s solution" in text
    assert len(text.splitlines()) < 40


def test_keys_ask_for_more(screen, attempt):
    for key in ("n", "h", "s", "l"):
        assert "\x1b[2J" in screen.press(key)
    text = without_codes(screen.press("n"))
    assert "Failure 1 of 2" in text
    assert "saw binary" in text
    text = without_codes(screen.press("n"))
    assert "Failure 2 of 2" in text
    assert "saw broken_json" in text
    text = without_codes(screen.press("l"))
    assert "Broken JSON gets an error frame" in text
    assert text.lstrip().startswith("03  A chat with rooms")
    assert screen.press("z") == ""
    assert Progress().lesson_state(attempt.lesson).hints == {"receive": 1}


def test_the_solution_is_shown_to_who_insists(screen, attempt):
    text = without_codes(screen.press("s"))
    assert "There are 3 hints that you have not read: press h." in text
    assert "def read_message" not in text
    screen.press("l")  # in between
    assert "def read_message" not in without_codes(screen.press("s"))
    assert "def read_message" in without_codes(screen.press("s"))
    for number in (1, 2, 3):
        assert f"hint {number} of 3" in without_codes(screen.press("h"))
    assert "def read_message" in without_codes(screen.press("s"))


def test_keys_are_found_on_a_russian_layout_too():
    assert [plain_key(key) for key in "nhslrq"] == list("nhslrq")
    assert [plain_key(key) for key in "трыдкй"] == list("nhslrq")
    assert [plain_key(key) for key in "NТQ"] == list("nnq")
    assert plain_key(" ") == " "


# --- in a process and a terminal of its own

#: Runs a command in a pseudo-terminal of 80 columns; keys come from standard input.
IN_TERMINAL = """
import fcntl, os, pty, struct, sys, termios
process, terminal = pty.fork()
if not process:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
os.set_blocking(0, True)
import threading
def copy():
    while keys := os.read(0, 64):
        os.write(terminal, keys)
threading.Thread(target=copy, daemon=True).start()
while True:
    try:
        shown = os.read(terminal, 4096)
    except OSError:
        break
    if not shown:
        break
    os.write(1, shown)
modes = termios.tcgetattr(terminal)[3]
is_plain = modes & termios.ICANON and modes & termios.ECHO
os.write(1, b"plain again" if is_plain else b"left in cbreak mode")
os._exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"""


@contextmanager
def running(*command, **options):
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "TERM": "xterm"},
        **options,
    )
    timer = threading.Timer(LIMIT, process.kill)
    timer.start()
    try:
        yield process
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


def read_until(process, part):
    """Return what `process` prints up to `part`."""
    read = b""
    while part.encode() not in read:
        more = os.read(process.stdout.fileno(), 4096)
        assert more, f"{part!r} never came: {read.decode()} {process.stderr.read().decode()}"
        read += more
    return read.decode(errors="replace")


WATCH = [sys.executable, "-m", "channels_workshop", "check", "3", "--watch"]


@POSIX
def test_keys_are_read_in_a_terminal_and_the_terminal_is_given_back(folder):
    (folder / "chat/consumers.py").write_text("def x(:\n", encoding="utf-8")
    with running(sys.executable, "-c", IN_TERMINAL, *WATCH) as process:
        text = read_until(process, "q quit")
        assert "The project does not start." in without_codes(text)
        process.stdin.write("р".encode())  # h, on a Russian keyboard
        process.stdin.flush()
        assert "Join: hint 1 of 3" in without_codes(read_until(process, "q quit"))
        (folder / "chat/consumers.py").write_text("def y(:\n", encoding="utf-8")
        assert "def y(:" in without_codes(read_until(process, "q quit"))
        process.stdin.write(b"q")
        process.stdin.flush()
        assert "plain again" in read_until(process, " again")
        assert process.wait() == 1
        assert process.stderr.read() == b""


@POSIX
def test_ctrl_c_while_a_check_runs_ends_everything_without_a_traceback(folder):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        # The project never gets further than this; the test knows when it is there.
        text = f"import socket\nsocket.create_connection({server.getsockname()!r}).recv(1)\n"
        (folder / "chat/consumers.py").write_text(text, encoding="utf-8")
        with running(*WATCH, start_new_session=True) as process:
            line, _address = server.accept()
            with line:
                # As a terminal does: to the whole group.
                os.killpg(process.pid, signal.SIGINT)
                assert process.wait() == 1
                assert process.stderr.read() == b""
                assert b"Traceback" not in process.stdout.read()
                line.settimeout(LIMIT)
                assert line.recv(1) == b""  # the project's process is gone, too
