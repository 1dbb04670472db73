"""The checks themselves: what a verdict is, how a failure is told, that nothing is let through."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

import httpx
import pytest

from channels_workshop.checking import running
from channels_workshop.checking.agreement import Departure
from channels_workshop.checking.chat import Error, Garbled, Message, Some, read_frame
from channels_workshop.checking.patience import Patience
from channels_workshop.checking.session import Session
from channels_workshop.checking.telling import (
    given_files,
    last_traceback,
    line_in_project,
    never_awaited,
    shorten_traceback,
)
from channels_workshop.checking.timeline import Timeline
from channels_workshop.checking.upstream import Upstream
from channels_workshop.checking.verdict import Result, Verdict
from channels_workshop.checking.witness import heard
from channels_workshop.course.catalogue import find_lesson
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.mistakes import load_mistakes
from channels_workshop.course.reference import write_project
from channels_workshop.serving.backstage import Backstage
from channels_workshop.serving.server import Server
from channels_workshop.trouble import Trouble


@pytest.fixture(scope="module")
def backstage():
    with Backstage() as backstage:
        yield backstage


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
    verdict.message = "ImportError"
    assert verdict.status == "error"


def test_json_has_the_agreed_shape():
    document = verdict_of("pass").to_json()
    agreed = ["version", "lesson", "target", "status", "message", "score", "max_score", "duration"]
    assert list(document)[: len(agreed)] == agreed
    assert set(document["checks"][0]) == {"id", "task", "status", "points", "message", "duration"}
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


def test_a_traceback_is_told_by_the_learners_own_lines():
    traceback = last_traceback(LOG)
    assert traceback is not None
    assert traceback.endswith("(char 0)")
    project = Path("/copy")
    assert line_in_project(traceback, project) == "chat/consumers.py:31"
    short = shorten_traceback(traceback, project)
    assert "uvicorn" not in short
    assert 'File "chat/consumers.py", line 31' in short
    assert "JSONDecodeError" in short
    assert last_traceback("INFO: nothing wrong") is None


def test_your_line_is_one_that_you_have_written(lesson, target):
    views, consumers = PurePosixPath("chat/views.py"), PurePosixPath("chat/consumers.py")
    assert views in given_files(lesson, target)
    assert consumers not in given_files(lesson, target)  # a task stands there
    frames = [f'  File "{target / path}", line 7, in there' for path in (consumers, views)]
    traceback = "\n".join(["Traceback (most recent call last):", *frames, "KeyError: 'room'"])
    given = given_files(lesson, target)
    assert line_in_project(traceback, target, given) == "chat/consumers.py:7"
    # Whoever changes a given file has made it theirs.
    (target / views).write_text("import nothing\n", encoding="utf-8")
    given = given_files(lesson, target)
    assert line_in_project(traceback, target, given) == "chat/views.py:7"


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
    assert line_in_project(told, Path("/copy")) == "chat/consumers.py:22"
    assert shorten_traceback(told, Path("/copy")).splitlines() == [
        '  File "chat/consumers.py", line 22',
        "    f()",
        "RuntimeWarning: coroutine 'f' was never awaited",
    ]
    assert never_awaited("INFO: nothing wrong") is None


def test_the_timeline_is_safe_to_print_and_short():
    timeline = Timeline()
    timeline.note("ann", "sends", "\x1b[2Jcleared" + "x" * 500)
    timeline.note("bob", "receives", b"\x00" * 90)
    first, second = timeline.lines()
    assert "\x1b" not in first
    assert len(first) < 120
    assert "<90 bytes>" in second


@pytest.mark.parametrize(
    ("frame", "read"),
    [
        ('{"message": "hi"}', Message("hi")),
        ('{"message": "hi", "extra": 1}', Message("hi")),
        ('{"type": "error", "code": "empty", "detail": "…"}', Error("empty")),
        ('{"type": "online_count", "count": 3}', None),
        ("nonsense", Garbled("'nonsense'")),
        ("[]", Garbled("'[]'")),
    ],
)
def test_frames_are_read_by_the_agreed_keys_alone(frame, read):
    assert read_frame(frame) == read


def test_the_same_seed_says_the_same(lesson, target, backstage):
    def said(seed):
        session = Session(lesson, target, backstage, seed, {})
        try:
            some = Some(session.random("binary"))
            return [some.room(), some.text()]
        finally:
            session.close()

    assert said(1) == said(1)
    assert said(1) != said(2)


def test_the_target_is_only_read(lesson, target, backstage):
    def state():
        return {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}

    before = state()
    assert running.check(lesson, target, backstage, only=["reaches_everyone"]).status == "pass"
    assert state() == before


def test_pytest_and_check_give_the_same_verdict(lesson, target, backstage):
    mistake = next(m for m in load_mistakes(lesson) if m.expected == "text_is_unchanged")
    shutil.rmtree(target)
    write_project(lesson, target, mistake.sections, mistake.files)
    verdict = running.check(lesson, target, backstage, seed=7)
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


def test_a_failure_teaches(lesson, target, backstage):
    told = {}
    write_project(lesson, target, {"read_message": 'def read_message(text):\n    return text["x"]'})
    verdict = running.check(
        lesson,
        target,
        backstage,
        only=["broken_json"],
        on_result=lambda result, failure: told.update({result.id: failure}),
    )
    failure = told["broken_json"]
    assert verdict.checks[0].status == "fail"
    assert verdict.checks[0].message == failure.text()
    assert failure.agreement == lesson.check("broken_json").agreement.en
    assert "not_json" in failure.agreed
    assert "closed" in failure.happened
    assert any(line.startswith("ann") for line in failure.story)
    assert "TypeError" in failure.traceback
    assert failure.your_line.startswith("chat/frames.py:")
    assert failure.next_step.endswith("hint 03 receive")


def test_a_forgotten_await_is_told_though_nothing_was_raised(lesson, target, backstage):
    told = {}
    stub = "async def chat_message(self, event):\n    self.send(event['message'])"
    write_project(lesson, target, {"chat_message": stub})
    running.check(
        lesson,
        target,
        backstage,
        only=["reaches_everyone"],
        on_result=lambda result, failure: told.update({result.id: failure}),
    )
    failure = told["reaches_everyone"]
    assert failure.traceback.endswith("was never awaited")
    assert "AsyncWebsocketConsumer.send" in failure.traceback
    consumers = (target / "chat" / "consumers.py").read_text(encoding="utf-8").splitlines()
    line = 1 + next(n for n, text in enumerate(consumers) if "event['message']" in text)
    assert failure.your_line == f"chat/consumers.py:{line}"


def test_a_target_that_does_not_start_fails_every_check(lesson, target, backstage):
    (target / "chat" / "consumers.py").write_text("def broken(:\n")
    verdict = running.check(lesson, target, backstage)
    assert verdict.status == "error"
    assert verdict.message is not None
    assert "SyntaxError" in verdict.message
    assert str(target) not in verdict.message
    assert {result.status for result in verdict.checks} == {"error"}
    assert verdict.score == 0


def test_a_folder_of_something_else_is_refused(lesson, tmp_path, backstage):
    with pytest.raises(Trouble, match="no file"):
        running.check(lesson, tmp_path, backstage)


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
def test_a_skip_is_no_pass(other_checks, target, backstage, text):
    verdict = running.check(other_checks(text), target, backstage)
    assert verdict.status == "fail"
    assert all(result.status == "error" for result in verdict.checks), verdict


def test_a_check_without_words_is_refused(other_checks, target, backstage):
    lesson = other_checks("def test_of_nothing(): pass\n")
    with pytest.raises(Trouble):
        running.check(lesson, target, backstage)


def test_no_check_at_all_is_refused(other_checks, target, backstage):
    with pytest.raises(Trouble):
        running.check(other_checks("\n"), target, backstage)


async def test_the_upstream_is_a_rendezvous():
    upstream = Upstream()
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


async def test_the_upstream_says_how_many_came(monkeypatch):
    monkeypatch.setattr("channels_workshop.checking.upstream.AT_FIRST", 0.2)
    upstream = Upstream()
    try:
        async with httpx.AsyncClient(base_url=upstream.url, trust_env=False) as client:
            asked = asyncio.create_task(client.get("/"))
            await upstream.waiting(1, Patience())  # the one is here
            with pytest.raises(Departure) as caught:
                await upstream.waiting(2)
            assert "1" in caught.value.happened
            upstream.let_go()
            assert (await asked).status_code == 503
    finally:
        upstream.close()


def test_a_departure_knows_what_its_server_printed_meanwhile(tmp_path):
    log = tmp_path / "log"
    log.write_text("before\n")
    server = Server(process=None, port=0, project=tmp_path, log=log)

    def go_wrong():
        with log.open("a") as file:
            file.write("meanwhile\n")
        raise Departure("a", "b")

    with pytest.raises(Departure) as caught, heard(server):
        go_wrong()
    assert (caught.value.printed, caught.value.project) == ("meanwhile\n", tmp_path)


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
