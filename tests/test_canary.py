"""The canary's own parts. It itself makes an environment from the network: on demand, and weekly."""

import importlib.util
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml

from channels_workshop import REPOSITORY
from channels_workshop.course.lessons import lesson_folders

PROGRAM = REPOSITORY / "tests" / "canary" / "canary.py"
CORE = (REPOSITORY / "requirements" / "core.in").read_text(encoding="utf-8")


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def canary():
    return load(PROGRAM)


@pytest.fixture
def printed_by(canary, monkeypatch):
    """Return a function that makes every program that the canary runs print a document."""

    def printed_by(document):
        monkeypatch.setattr(canary, "run", lambda *_arguments, **_options: json.dumps(document))

    return printed_by


def test_only_what_the_lessons_stand_on_loses_its_ranges(canary):
    before, after = CORE.splitlines(), canary.requirements(CORE, ours=False).splitlines()
    assert len(before) == len(after)
    for was, now in zip(before, after, strict=True):
        assert was == now or now in canary.NEWEST
    assert set(canary.NEWEST) <= set(after)
    assert canary.requirements(CORE, ours=True) == CORE


def test_which_lessons(canary):
    names = [folder.name for folder in lesson_folders()]
    assert canary.lessons_wanted([]) == [name for name in names if name >= "03"]
    assert canary.lessons_wanted([3]) == ["03_chat_consumer"]


def verdict(status, **checks):
    results = [{"id": name, "status": how, "message": "why"} for name, how in checks.items()]
    return {"status": status, "message": "a traceback", "checks": results}


@pytest.mark.parametrize(
    ("document", "wrong"),
    [
        (verdict("pass", join="pass", page="not_run"), []),
        (verdict("fail", join="pass", leave="fail"), ["03_x: the check leave: why"]),
        (verdict("error", join="error"), ["03_x does not start: a traceback"]),
    ],
    ids=["pass", "fail", "error"],
)
def test_what_is_wrong_with_a_lesson(canary, printed_by, document, wrong):
    printed_by(document)
    assert canary.check(PROGRAM, "03_x") == wrong


def test_what_is_wrong_with_a_quiet_socket(canary, printed_by, capsys):
    printed_by(
        [
            {"name": "pub/sub", "must_hold": True, "held": True, "outcome": "heard"},
            {"name": "lesson", "must_hold": True, "held": False, "outcome": "closed after 5 s"},
            {"name": "core", "must_hold": False, "held": False, "outcome": "closed after 5 s"},
        ]
    )
    wrong = ["lesson does not survive being idle: closed after 5 s"]
    assert canary.hold_idle(PROGRAM, []) == wrong
    assert "Is the trap gone?" not in capsys.readouterr().out
    printed_by([{"name": "core", "must_hold": False, "held": True, "outcome": "heard"}])
    assert canary.hold_idle(PROGRAM, []) == []
    assert "Is the trap gone?" in capsys.readouterr().out


def test_what_cannot_be_run_is_no_pass(canary):
    with pytest.raises(subprocess.CalledProcessError):
        canary.run([sys.executable, "-c", "raise SystemExit(3)"])


async def test_an_idle_socket_that_dies_is_found(monkeypatch):
    from websockets.asyncio.server import serve

    idle = load(PROGRAM.with_name("idle.py"))
    monkeypatch.setattr(idle, "IDLE", 0.2)

    async def mortal(connection):
        async for frame in connection:
            await connection.send(frame)
            if json.loads(frame)["message"] == "before" and connection.request.path == dying:
                await connection.close(1011, "idle")

    async def hold(server):
        port = server.sockets[0].getsockname()[1]
        running = SimpleNamespace(
            origin=f"http://127.0.0.1:{port}", log_since=lambda position: "a.b.SomeError: gone\n"
        )
        held = idle.Held("a server", running)
        await idle.hold(held)
        return held

    dying = None
    async with serve(mortal, "127.0.0.1", 0) as server:
        assert (await hold(server)).held
        dying = "/ws/chat/tea/"
        held = await hold(server)
    assert not held.held
    assert "1011" in held.outcome
    assert "a.b.SomeError: gone" in held.outcome


def test_the_weekly_job_runs_it_on_every_system():
    text = (REPOSITORY / ".github" / "workflows" / "canary.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads a bare `on` as true.
    assert workflow[True].keys() == {"schedule", "workflow_dispatch"}
    (job,) = workflow["jobs"].values()
    systems = {entry["system"] for entry in job["strategy"]["matrix"]["include"]}
    assert systems == {"ubuntu-latest", "macos-latest", "windows-latest"}
    assert any("tests/canary/canary.py" in step.get("run", "") for step in job["steps"])
