"""The checks themselves: what a verdict is, how a failure is described, that nothing gets by."""

import asyncio
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
from pathlib import Path
from traceback import format_exc
from typing import IO

import httpx
import msgspec
import pytest

from channels_workshop.chat_checks.chat import Error, Garbled, Message, read_frame
from channels_workshop.course.copies import write_project
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.lessons import find_lesson
from channels_workshop.errors import WorkshopError
from channels_workshop.judging import plugin
from channels_workshop.judging.client import Client, Refused
from channels_workshop.judging.events import (
    Began,
    CheckBegan,
    CheckEnded,
    Ended,
    Event,
    Job,
    Printed,
)
from channels_workshop.judging.evidence import Evidence
from channels_workshop.judging.failure import DoesNotRun
from channels_workshop.judging.judge import Judge
from channels_workshop.judging.mismatch import Mismatch, RanOut, agreed, log_of
from channels_workshop.judging.own_code import OwnCode
from channels_workshop.judging.patience import Patience
from channels_workshop.judging.rendezvous import Rendezvous
from channels_workshop.judging.reports import as_text, moment_lines, verdict_json
from channels_workshop.judging.server_log import (
    complaint,
    last_traceback,
    never_awaited,
    own_lines,
    place_in_project,
    shorten_traceback,
)
from channels_workshop.judging.servers import Servers
from channels_workshop.judging.some import Some
from channels_workshop.judging.timeline import Timeline, shown
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.project import ProjectServer
from channels_workshop.processes.supervisor import Supervisor


@pytest.fixture(scope="module")
def supervisor():
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture(scope="module")
def judge():
    with Judge() as judge:
        yield judge


@pytest.fixture
def lesson():
    return find_lesson("3")


@pytest.fixture
def target(lesson, tmp_path):
    folder = tmp_path / lesson.name
    write_project(lesson, folder)
    return folder


def verdict_of(*statuses, points=2):
    checks = [Result(f"c{n}", "join", status, points) for n, status in enumerate(statuses)]
    return Verdict("03_chat_consumer", "somewhere", checks)


def test_a_course_in_a_folder_with_a_space_is_judged(tmp_path):
    """Many people's own folder is one: `C:\\Users\\Anna Petrova`."""
    import shlex

    from channels_workshop.judging.runner import _arguments

    folder = tmp_path / "my course" / "02_setup_asgi"
    shutil.copytree(find_lesson("2").folder, folder)
    arguments = _arguments(load_lesson(folder), Job(lesson=str(folder), target=str(folder)))
    (given,) = [each for each in arguments if each.startswith("pythonpath=")]
    assert shlex.split(given.partition("=")[2]) == [str(folder / "tests")]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "fail"], "fail"),
        (["pass", "error"], "fail"),
        (["pass", "not_run"], "pass"),
        (["not_run"], "fail"),
        ([], "fail"),
    ],
)
def test_status_of_a_verdict(statuses, status):
    assert verdict_of(*statuses).status == status


def test_only_passed_checks_score():
    verdict = verdict_of("pass", "fail", "error", "pass")
    assert (verdict.score, verdict.max_score) == (4, 8)


def test_a_target_that_does_not_start_is_an_error_whatever_its_checks_say():
    verdict = verdict_of("error")
    verdict.broken = DoesNotRun("ImportError")
    assert verdict.status == "error"


def test_what_is_left_out_has_not_passed():
    verdict = verdict_of("pass", "not_run")
    verdict.checks[1].is_left_out = True
    assert verdict.status == "fail"
    assert not verdict.passed_task("join")


def test_json_has_the_agreed_shape(lesson):
    verdict = verdict_of("pass")
    verdict.checks[0].id = lesson.checks[0].id
    document = verdict_json(lesson, verdict)
    agreed = ["version", "lesson", "target", "status", "message", "score", "max_score", "duration"]
    assert list(document)[: len(agreed)] == agreed
    assert set(document["checks"][0]) == {
        *("id", "task", "status", "points", "message", "duration", "failure"),
    }
    json.dumps(document)


LOG = """\
INFO:     127.0.0.1:1 - "WebSocket /ws/chat/tea/" [accepted]
ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "/venv/uvicorn/protocols/x.py", line 1, in run
    await app(scope)
    ~~~^^^^^^^^^^^^
  File "/copy/chat/consumers.py", line 31, in receive
    frame = json.loads(text_data)
  File "/usr/lib/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
INFO:     connection closed
"""


def test_a_traceback_is_shown_by_the_learners_own_lines():
    traceback = last_traceback(LOG)
    assert traceback is not None
    assert traceback.endswith("(char 0)")
    project = Path("/copy")
    assert place_in_project(traceback, project) == ("chat/consumers.py", 31)
    short = shorten_traceback(traceback, project)
    assert "uvicorn" not in short
    assert 'File "chat/consumers.py", line 31' in short
    assert "JSONDecodeError" in short
    assert last_traceback("INFO: nothing wrong") is None


def test_what_a_check_raises_on_purpose_is_no_line_of_who_only_passed_it_on():
    project = Path("/copy")
    frames = "".join(
        f'  File "/copy/{path}", line {line}, in f\n    f()\n'
        for path, line in [
            ("accounts/middleware.py", 36),
            ("chat/consumers.py", 26),
            ("laid.py", 5),
        ]
    )

    def place(own: set[str]) -> tuple[str, int] | None:
        return place_in_project(
            frames,
            project,
            lambda path, line: str(path) in own,
            lambda path: path.name != "laid.py",
        )

    assert place({"accounts/middleware.py"}) is None
    assert place({"accounts/middleware.py", "chat/consumers.py"}) == ("chat/consumers.py", 26)


async def test_of_an_exception_group_the_exception_in_it_is_shown():
    async def fails():
        raise ValueError("no such city")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
    except ExceptionGroup:
        log = f"Internal Server Error: /\n{format_exc()}INFO:     hello\nhello\n"
    first, *_frames, last = str(last_traceback(log)).splitlines()
    assert first == "Traceback (most recent call last):"
    assert last == "ValueError: no such city"
    assert own_lines(log.splitlines()) == ["hello"]


def test_your_line_is_one_that_you_have_written(lesson, target):
    views, consumers = target / "chat" / "views.py", target / "chat" / "consumers.py"
    layer = target / "watched_layer.py"  # laid there by a check
    layer.write_text("raise Anything\n", encoding="utf-8")
    text = consumers.read_text(encoding="utf-8")
    given, written = "await super().__call__(", "await self.channel_layer.group_add("
    line = {part: text[: text.index(part)].count("\n") + 1 for part in (given, written)}

    def place_of(*frames):
        lines = [f'  File "{path}", line {number}, in there' for path, number in frames]
        traceback = "\n".join(["Traceback (most recent call last):", *lines, "KeyError: 'room'"])
        own = OwnCode(lesson, target)
        assert "watched_layer" not in shorten_traceback(traceback, target, own.is_shown)
        return place_in_project(traceback, target, own.has)

    own = (consumers, line[written])
    around = [(consumers, line[given]), (views, 7), (layer, 1)]
    assert place_of(*around, own, *around) == ("chat/consumers.py", line[written])
    assert place_of(*around) is None
    # Whoever changes what is given has made it theirs.
    views.write_text("import nothing\n", encoding="utf-8")
    assert place_of(*around[:1], (views, 1)) == ("chat/views.py", 1)


def test_a_warning_of_a_forgotten_await_is_read_like_a_traceback():
    log = (
        "INFO:     connection open\n"
        "/copy/chat/consumers.py:22: RuntimeWarning: coroutine 'f' was never awaited\n"
        "  f()\n"
        "RuntimeWarning: Enable tracemalloc to get the object allocation traceback\n"
        "<sys>:0: RuntimeWarning: coroutine 'g' was never awaited\n"
    )
    told = never_awaited(log)
    assert told is not None
    assert place_in_project(told, Path("/copy")) == ("chat/consumers.py", 22)
    assert shorten_traceback(told, Path("/copy")).splitlines() == [
        '  File "chat/consumers.py", line 22',
        "    f()",
        "RuntimeWarning: coroutine 'f' was never awaited",
    ]
    assert never_awaited("INFO: nothing wrong") is None


def test_what_uvicorn_complains_of_is_found():
    said = "ASGI callable returned without completing handshake."
    assert complaint(f"INFO:     started\nERROR:    {said}\nINFO:     connection closed") == said
    assert complaint(f"INFO:     {said}") is None


async def test_an_application_that_says_nothing_is_complained_of(tmp_path, supervisor):
    """The sentence is uvicorn's own; a browser is told HTTP 500."""
    lesson = find_lesson("2")
    mistake = lesson.mistakes["guard_says_nothing"]
    write_project(lesson, tmp_path / "project", mistake.sections, mistake.files)
    server = supervisor.serve(tmp_path / "project", tmp_path / "log")
    client = Client(server, Timeline())
    with pytest.raises(Refused):
        await client.connect("/ws/echo/", origin="http://elsewhere.example")
    await client.leave()
    server.stop()
    assert complaint(server.log_since(0)) == "ASGI callable returned without completing handshake."


def test_bytes_are_counted_as_bytes_and_blanks_are_seen():
    assert Mismatch("a", "b", given=b"\xff" * 5_000).given.startswith("<5000 bytes> b'\\xff")
    story = Timeline()
    story.note("ann", "sends", "")
    story.note("ann", "receives", " \t")
    story.note("ann", "closes")
    assert moment_lines(story.moments, "en") == ["ann  → ''", "ann  ← ' \\t'", "ann  ⇥"]


def test_a_handshake_without_an_answer_has_no_status():
    assert Refused(403, "accepted").told_of("/ws/") == "/ws/: HTTP 403"
    assert "None" not in Refused(None, "accepted").told_of("/ws/").spoken("en")


def test_the_timeline_is_safe_to_print_and_short():
    timeline = Timeline()
    timeline.note("ann", "sends", "\x1b[2Jcleared" + "x" * 5000)
    timeline.note("bob", "receives", b"\x00" * 90)
    timeline.note("bob", "receives", '{"message": "\\u0436\\u200b"}')
    first, second, third = [shown(moment.frame) for moment in timeline.moments]
    assert "\x1b" not in first
    assert len(first) < 120
    assert "<90 bytes>" in second
    assert third == r'{"message": "ж\u200b"}'


@pytest.mark.parametrize(
    ("frame", "read"),
    [
        ('{"message": "hi"}', Message("hi")),
        ('{"message": "hi", "extra": 1}', Message("hi")),
        ('{"type": "error", "code": "empty", "detail": "…"}', Error("empty")),
        ('{"type": "online_count", "count": 3}', None),
        ("nonsense", Garbled("nonsense")),
        ("[]", Garbled("[]")),
    ],
)
def test_frames_are_read_by_the_agreed_keys_alone(frame, read):
    assert read_frame(frame) == read


def test_the_same_seed_says_the_same(lesson, target, supervisor):
    def said(seed):
        servers = Servers(lesson, target, supervisor, seed, ServerOptions())
        try:
            some = Some(servers.random("binary"))
            return [some.name(), some.text()]
        finally:
            servers.close()

    assert said(1) == said(1)
    assert said(1) != said(2)


def job_for(lesson, target, **more):
    return Job(str(lesson.folder), str(target), **more)


def test_the_target_is_only_read(lesson, target, judge):
    def state():
        return {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}

    before = state()
    assert judge.verdict(job_for(lesson, target, only=["reaches_everyone"])).status == "pass"
    assert state() == before


@pytest.mark.slow
def test_pytest_and_check_give_the_same_verdict(lesson, target, judge):
    mistake = next(m for m in lesson.mistakes.values() if m.expected == "text_is_unchanged")
    shutil.rmtree(target)
    write_project(lesson, target, mistake.sections, mistake.files)
    verdict = judge.verdict(job_for(lesson, target, seed=7))
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", str(lesson.folder), "--target", str(target)),
            *("--seed", "7", "-rA", "-p", "no:cacheprovider"),
        ],
        capture_output=True,
        encoding="utf-8",
        cwd=target,
    )
    assert verdict.status == "fail"
    assert run.returncode == 1
    for result in verdict.checks:
        if result.status == "not_run":  # earns no points: pytest calls it skipped
            continue
        word = {"pass": "PASSED", "fail": "FAILED"}[result.status]
        assert any(
            line.startswith(word) and line.partition(" - ")[0].endswith(f"::test_{result.id}")
            for line in run.stdout.splitlines()
        ), (result.id, run.stdout)


def test_a_failure_teaches(lesson, target, judge):
    write_project(lesson, target, {"read_message": 'def read_message(text):\n    return text["x"]'})
    verdict = judge.verdict(job_for(lesson, target, only=["broken_json"]))
    (result,) = verdict.checks
    failure = result.failure
    assert result.status == "fail"
    assert "not_json" in str(failure.expected)
    assert "closed" in str(failure.actual)
    assert failure.close_code == 1006
    assert [moment.who for moment in failure.moments][:1] == ["ann"]
    assert "TypeError" in failure.traceback
    assert failure.file == "chat/frames.py"
    source = (target / failure.file).read_text(encoding="utf-8").splitlines()
    assert 'text["x"]' in source[failure.line - 1]
    text = as_text(lesson, lesson.check("broken_json"), failure, "en")
    (sentence,) = lesson.check("broken_json").sentences
    assert text.startswith(f"{sentence}. {lesson.agreement[sentence].en}")
    assert failure.place in text
    assert text.endswith("hint 03 receive")


def test_one_verdict_is_read_in_both_languages(lesson, target, judge):
    write_project(lesson, target, {"read_message": 'def read_message(text):\n    return text["x"]'})
    verdict = judge.verdict(job_for(lesson, target, only=["broken_json"]))
    english, russian = (verdict_json(lesson, verdict, language) for language in ("en", "ru"))
    (in_english,), (in_russian,) = english["checks"], russian["checks"]
    assert "the connection was closed" in in_english["failure"]["actual"]
    assert "соединение" in in_russian["failure"]["actual"]
    assert "connection" not in in_russian["message"].partition("Traceback")[0]
    for same in ("file", "line", "traceback", "close_code"):
        assert in_english["failure"][same] == in_russian["failure"][same]
    assert [m["frame"] for m in in_english["failure"]["moments"]]


def test_a_forgotten_await_is_named_though_nothing_was_raised(lesson, target, judge):
    stub = "async def chat_message(self, event):\n    self.send(event['message'])"
    write_project(lesson, target, {"chat_message": stub})
    verdict = judge.verdict(job_for(lesson, target, only=["reaches_everyone"]))
    failure = verdict.checks[0].failure
    assert failure.warning.endswith("was never awaited")
    assert "AsyncWebsocketConsumer.send" in failure.warning
    consumers = (target / "chat" / "consumers.py").read_text(encoding="utf-8").splitlines()
    line = 1 + next(n for n, text in enumerate(consumers) if "event['message']" in text)
    assert failure.place == f"chat/consumers.py:{line}"


@pytest.mark.parametrize(
    ("path", "text", "line", "says"),
    [
        ("chat/consumers.py", "x = 1\ndef broken(:\n", 2, "SyntaxError"),
        # Imported by nobody but the URLconf, which Django itself would read with the first request.
        ("chat/views.py", "import nothing_of_the_kind\n", 1, "ModuleNotFoundError"),
        ("chat/routing.py", "\n1 / 0\n", 2, "ZeroDivisionError"),
        ("config/settings.py", "raise SystemExit(3)\n", 1, "SystemExit: 3"),
    ],
)
def test_a_target_that_does_not_start_fails_every_check(
    lesson, target, judge, path, text, line, says
):
    (target / path).write_text(text)
    verdict = judge.verdict(job_for(lesson, target))
    assert verdict.status == "error"
    assert says in verdict.broken.headline
    assert (verdict.broken.file, verdict.broken.line) == (path, line)
    assert str(target) not in verdict.broken.traceback
    assert "channels_workshop" not in verdict.broken.traceback
    assert {result.status for result in verdict.checks} == {"error"}
    assert verdict.score == 0


def test_what_does_not_compile_is_not_even_started(lesson, target, judge):
    (target / "chat" / "tests.py").write_text("def broken(:\n")  # nobody imports it
    events = list(judge.judge(job_for(lesson, target)))
    assert [type(event) for event in events] == [Ended]
    assert events[0].verdict.broken.place == "chat/tests.py:1"


def test_a_folder_of_something_else_is_refused(lesson, tmp_path, judge):
    with pytest.raises(WorkshopError, match="no file"):
        judge.verdict(job_for(lesson, tmp_path))


# ---- Judging as a process: events, their order, cancelling.


def test_events_say_what_is_going_on(lesson, target, judge):
    wanted = ["reaches_everyone", "reaches_its_sender"]
    events = list(judge.judge(job_for(lesson, target, only=wanted, seed=3)))
    assert events[0] == Began(wanted, 3)
    assert [event.id for event in events if isinstance(event, CheckBegan)] == wanted
    results = [event.result for event in events if isinstance(event, CheckEnded)]
    assert [result.id for result in results] == wanted
    assert events[-1] == Ended(events[-1].verdict)
    assert events[-1].verdict.checks == results
    for event in events:  # what a process says, another one reads
        assert msgspec.json.decode(msgspec.json.encode(event), type=Event) == event


def test_what_a_learner_prints_is_passed_on(lesson, target, judge):
    consumers = target / "chat" / "consumers.py"
    text = consumers.read_text(encoding="utf-8")
    printing = "    async def chat_message(self, event):\n"
    assert printing in text
    consumers.write_text(text.replace(printing, printing + "        print('got', event)\n"))
    events = list(judge.judge(job_for(lesson, target, only=["reaches_its_sender"])))
    lines = [line for event in events if isinstance(event, Printed) for line in event.lines]
    assert lines
    assert all(line.startswith("got {") for line in lines)


def test_the_task_in_hand_comes_first(lesson, target, judge):
    events = judge.judge(job_for(lesson, target, first="leave"))
    began = next(events)
    assert began.checks[0] == lesson.checks_of(lesson.task("leave"))[0].id
    assert isinstance(list(events)[-1], Ended)


def test_one_cause_is_shown_once_and_the_rest_is_left_out(lesson, target, judge):
    write_project(lesson, target, {"read_message": 'def read_message(text):\n    return text["x"]'})
    verdict = judge.verdict(job_for(lesson, target, stops_early=True))
    failed = [result for result in verdict.checks if result.status == "fail"]
    left_out = [result for result in verdict.checks if result.is_left_out]
    causes = [(result.task, result.failure.cause) for result in failed]
    assert max(map(causes.count, causes)) == 2
    assert len(left_out) >= 10
    # Other tasks are judged all the same: what is right there stays right.
    assert {result.task for result in left_out} == {"receive", "deliver"}
    assert {result.status for result in left_out} == {"not_run"}
    assert "cause" in str(left_out[0].message)
    assert verdict.max_score == sum(check.points for check in lesson.checks)
    assert verdict.passed_task("join")
    assert not verdict.passed_task("deliver")


def test_silence_is_waited_for_in_two_tasks_at_most(lesson, target, judge):
    stub = "async def connect(self):\n    pass  # no accept: the handshake is never answered"
    write_project(lesson, target, {"connect": stub})
    verdict = judge.verdict(job_for(lesson, target, stops_early=True))
    failed = [result.task for result in verdict.checks if result.status == "fail"]
    assert failed == ["join", "leave"]
    assert {r.status for r in verdict.checks if r.task == "deliver"} == {"not_run"}
    assert verdict.max_score == sum(check.points for check in lesson.checks)


def test_a_cancelled_job_gives_no_verdict_and_the_next_one_does(lesson, target):
    with Judge() as judge:
        judge.warm()
        judge.warm_spare()
        events = judge.judge(job_for(lesson, target))
        assert isinstance(next(events), Began)
        judge.cancel()
        assert not any(isinstance(event, Ended) for event in events)
        assert judge.verdict(job_for(lesson, target, only=["binary"])).status == "pass"


def test_a_judging_process_that_dies_is_no_verdict(lesson, target):
    with Judge() as judge:
        events = judge.judge(job_for(lesson, target))
        next(events)
        judge._process.kill()
        *_rest, last = events
        assert "exit code" in str(last.message)
        assert judge.verdict(job_for(lesson, target, only=["binary"])).status == "pass"


def test_checks_that_their_author_has_edited_are_read_again(other_checks, target, judge):
    failing = "from channels_workshop.judging.mismatch import Mismatch\n"
    failing += "def test_binary(): raise Mismatch('a', 'b')\n"
    lesson = other_checks("def test_binary(): pass\n")
    assert judge.verdict(job_for(lesson, target, only=["binary"])).checks[0].status == "pass"
    (lesson.folder / "tests" / "test_join.py").write_text(failing + "# longer\n")
    assert judge.verdict(job_for(lesson, target, only=["binary"])).checks[0].status == "fail"


def test_what_a_project_prints_itself():
    log = "INFO:     connection open\nhello from view\n" + LOG + "/x.py:1: FutureWarning: soon\n"
    assert own_lines(log.splitlines()) == ["hello from view"]


@pytest.fixture
def other_checks(lesson, tmp_path):
    """Return a function that makes a copy of the lesson with these checks in place of its own."""

    def make(text):
        folder = tmp_path / "course" / lesson.name
        shutil.copytree(lesson.folder, folder)
        for path in (folder / "tests").glob("test_*.py"):
            path.unlink()
        (folder / "tests" / "test_join.py").write_text(text)
        return load_lesson(folder)

    return make


@pytest.mark.parametrize(
    "text",
    [
        "import pytest\ndef test_binary(): pytest.skip('nah')\n",
        "import pytest\n@pytest.mark.skip\ndef test_binary(): pass\n",
        "import pytest\n@pytest.mark.xfail\ndef test_binary(): assert False\n",
        "import pytest\ndef test_binary(): pytest.xfail('nah')\n",
    ],
)
def test_a_skip_is_no_pass(other_checks, target, judge, text):
    verdict = judge.verdict(job_for(other_checks(text), target))
    assert verdict.status == "fail"
    assert all(result.status == "error" for result in verdict.checks), verdict


def test_a_check_without_words_is_refused(other_checks, target, judge):
    lesson = other_checks("def test_of_nothing(): pass\n")
    with pytest.raises(WorkshopError):
        judge.verdict(job_for(lesson, target))


def test_no_check_at_all_is_refused(other_checks, target, judge):
    with pytest.raises(WorkshopError):
        judge.verdict(job_for(other_checks("\n"), target))


async def test_requests_meet_at_a_rendezvous():
    upstream = Rendezvous()
    try:
        async with httpx.AsyncClient(base_url=upstream.url, trust_env=False) as client:
            asked = [asyncio.create_task(client.get(f"/?n={n}")) for n in range(3)]
            calls = await upstream.waiting(3)
            assert not any(task.done() for task in asked)
            for call in calls:
                call.answer({"n": call.query["n"][0]})
            answers = [(await task).json()["n"] for task in asked]
            assert answers == ["0", "1", "2"]
    finally:
        upstream.close()


async def test_a_rendezvous_says_how_many_came():
    upstream = Rendezvous()
    try:
        async with httpx.AsyncClient(base_url=upstream.url, trust_env=False) as client:
            asked = asyncio.create_task(client.get("/"))
            await upstream.waiting(1, Patience())  # the one is here
            with pytest.raises(Mismatch) as caught:
                await upstream.waiting(2, Patience(0.2))
            assert "1" in str(caught.value.actual)
            upstream.let_go()
            assert (await asked).status_code == 503
    finally:
        upstream.close()


def test_a_mismatch_knows_what_its_server_printed_meanwhile(tmp_path):
    log = tmp_path / "log"
    log.write_text("before\n")
    server = ProjectServer(process=None, port=0, project=tmp_path, log=log)

    def go_wrong():
        with log.open("a") as file:
            file.write("meanwhile\n")
        raise Mismatch("a", "b")

    with pytest.raises(Mismatch) as caught, log_of(server):
        go_wrong()
    assert (caught.value.log.text, caught.value.log.project) == ("meanwhile\n", tmp_path)


async def never():
    await asyncio.Event().wait()


async def test_patience_ends():
    with pytest.raises(TimeoutError):
        await Patience(0.02).wait(never())


async def test_patience_lasts_while_others_are_answered():
    patience, slow = Patience(0.2), asyncio.Event()
    clock = asyncio.get_running_loop().time
    its_turn = clock() + 3 * patience.seconds

    async def answer_others_first():
        while clock() < its_turn:
            await patience.wait(asyncio.sleep(0.01))
        slow.set()

    assert await asyncio.gather(patience.wait(slow.wait()), answer_others_first()) == [True, None]


async def test_patience_ends_though_others_are_answered_for_ever():
    patience = Patience(0.02)

    async def answer_others():
        while True:
            await patience.wait(asyncio.sleep(0.001))

    others = asyncio.ensure_future(answer_others())
    with pytest.raises(TimeoutError):
        await patience.wait(never())
    others.cancel()


def test_a_check_ends_whatever_the_target_does(monkeypatch):
    monkeypatch.setattr(plugin, "LONGEST_CHECK", 0.01)

    async def waits_for_ever():
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RanOut, match="the check comes to an end"):
        asyncio.run(plugin._bounded(waits_for_ever)())


@pytest.mark.slow
def test_nothing_is_judged_after_a_failure_where_that_is_enough(lesson, target, judge):
    write_project(lesson, target, {"read_message": "def read_message(text):\n    return text.x"})
    *_events, ended = judge.judge(job_for(lesson, target, ends_at_failure=True))
    statuses = [result.status for result in ended.verdict.checks]
    first = statuses.index("fail")
    assert set(statuses[first + 1 :]) == {"not_run"}
    assert ended.verdict.status == "fail"


def test_a_failure_names_the_sentence_that_was_not_kept():
    with pytest.raises(Mismatch) as raised, agreed("R1"), agreed("R2"):
        raise Mismatch("this", "that")
    assert raised.value.sentence == "R2"


def test_the_log_of_all_servers_of_a_check_counts(tmp_path):
    quiet, loud = (ProjectServer(None, 0, tmp_path, tmp_path / name) for name in ("a", "b"))
    for server in (quiet, loud):
        server.log.write_text("before\n", encoding="utf-8")
    evidence = Evidence()
    for server in (loud, quiet):
        evidence.watch(server)
    raised = "Traceback (most recent call last):\nKeyError: 'x'\n"
    loud.log.write_text(f"before\n{raised}", encoding="utf-8")
    assert evidence.log(Mismatch("this", "that")).text == raised


@pytest.mark.skipif(sys.platform != "linux", reason="how full a pipe is can be asked on Linux")
def test_a_judging_process_that_is_stopped_while_it_writes_writes_the_rest():
    import fcntl
    import termios

    whole = 2**20
    program = (
        "from channels_workshop.judging.__main__ import _own_output\n"
        f"output = _own_output(); output.write(b'x' * {whole}); output.flush()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        capacity = fcntl.fcntl(process.stdout, fcntl.F_GETPIPE_SZ)
        # Until the pipe is full and the process waits for us, in the middle of its write.
        while process.poll() is None and _waiting_in(process.stdout, termios.FIONREAD) < capacity:
            pass
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        process.send_signal(signal.SIGCONT)
        assert len(process.stdout.read()) == whole


def _waiting_in(pipe: IO[bytes], request: int) -> int:
    import fcntl

    (waiting,) = struct.unpack("i", fcntl.ioctl(pipe, request, b"\0" * 4))
    return int(waiting)
