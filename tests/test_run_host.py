"""`run NN --host ADDRESS`: others in the network join a project that knows only localhost."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading

import httpx
import pytest
import segno
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from channels_workshop import REPOSITORY
from channels_workshop.course.lessons import find_lesson
from channels_workshop.errors import WorkshopError
from channels_workshop.learner.workspace import Workspace
from channels_workshop.processes import network
from channels_workshop.processes.as_localhost import VARIABLE, as_localhost
from channels_workshop.processes.network import SharedHost, shared_host
from channels_workshop.processes.ports import address_of, listen, listen_exactly, port_of

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60
#: An address of this machine alone, which no project of a lesson allows by itself.
HERE = "127.0.0.2"


def is_own(address):
    with socket.socket() as probe:
        with contextlib.suppress(OSError):
            probe.bind((address, 0))
            return True
    return False


needs_second_address = pytest.mark.skipif(
    not is_own(HERE), reason="only Linux and Windows have a second loopback address by themselves"
)


# ---- Which host it is.


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("127.0.0.1", SharedHost("127.0.0.1", "127.0.0.1")),
        (" LocalHost ", SharedHost("localhost", "127.0.0.1")),
    ],
)
def test_a_name_or_an_address_of_this_machine(wanted, found):
    host = shared_host(wanted)
    assert host.name == found.name
    assert host.is_private
    assert host.address in (found.address, "::1")


@pytest.mark.parametrize("wanted", ["0.0.0.0", "::", "[::]"])
def test_all_addresses_are_called_by_the_one_in_the_network(wanted, monkeypatch):
    monkeypatch.setattr(network, "address_in_network", lambda: "192.0.2.7")
    host = shared_host(wanted)
    assert host == SharedHost("192.0.2.7", wanted.strip("[]"))
    assert not host.is_private


@pytest.mark.parametrize("wanted", ["", "no-such-host.invalid", "a..b", "999.1.1.1", "x" * 300])
def test_what_is_no_host_is_refused_and_the_right_one_named(wanted, monkeypatch):
    monkeypatch.setattr(network, "address_in_network", lambda: "192.0.2.7")
    with pytest.raises(WorkshopError, match="There is no host") as caught:
        shared_host(wanted)
    assert "--host 192.0.2.7" in str(caught.value)


def test_another_machines_address_is_refused(monkeypatch):
    monkeypatch.setattr(network, "address_in_network", lambda: None)
    with pytest.raises(WorkshopError, match="is not an address of this machine") as no:
        shared_host("203.0.113.9")
    assert "in no network" in str(no.value)
    with pytest.raises(WorkshopError, match="this machine is in none"):
        shared_host("0.0.0.0")


def test_a_port_that_was_named_is_used_or_refused():
    with listen(18500) as taken:
        port = port_of(taken)
        with pytest.raises(WorkshopError, match=f"Port {port} of 127.0.0.1 is taken"):
            listen_exactly(port, "127.0.0.1")


def test_an_address_is_written_as_a_browser_wants_it():
    with listen(18510) as listener:
        port = port_of(listener)
        assert address_of(listener) == f"http://127.0.0.1:{port}/"
        assert address_of(listener, "teacher.local") == f"http://teacher.local:{port}/"
        assert address_of(listener, "fd00::7") == f"http://[fd00::7]:{port}/"


# ---- What the project sees.


async def seen(headers, monkeypatch, kind="http"):
    """Return the headers that reach an application at 192.0.2.7, shared as teacher.local."""
    reached = {}

    async def application(scope, _receive, _send):
        reached.update(scope)

    monkeypatch.setenv(VARIABLE, "teacher.local")
    scope = {"type": kind, "path": "/", "server": ("192.0.2.7", 8000), "headers": headers}
    await as_localhost(application)(scope, None, None)
    assert scope["headers"] == headers  # that is the server's, not ours
    return reached["headers"]


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        (b"192.0.2.7:8000", b"localhost:8000"),
        (b"192.0.2.7", b"localhost"),
        (b"Teacher.local:8000", b"localhost:8000"),
        (b"elsewhere.example", b"elsewhere.example"),
        (b"192.0.2.7.elsewhere.example", b"192.0.2.7.elsewhere.example"),
        (b"elsewhere.example@192.0.2.7", b"elsewhere.example@192.0.2.7"),
        (b"192.0.2.7/path", b"192.0.2.7/path"),
        (b"192.0.2.7:port", b"192.0.2.7:port"),
        (b"\xff", b"\xff"),
        (b"", b""),
    ],
)
async def test_the_shared_address_alone_is_taken_for_localhost(host, shown, monkeypatch):
    headers = [(b"accept", b"*/*"), (b"host", host)]
    assert await seen(headers, monkeypatch) == [(b"accept", b"*/*"), (b"host", shown)]


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        (b"http://192.0.2.7:8000", b"http://localhost:8000"),
        (b"https://teacher.local", b"https://localhost"),
        (b"http://elsewhere.example", b"http://elsewhere.example"),
        (b"http://not-teacher.local", b"http://not-teacher.local"),
        (b"http://192.0.2.7:8000/page", b"http://192.0.2.7:8000/page"),
        (b"null", b"null"),
        (b"file://192.0.2.7", b"file://192.0.2.7"),
    ],
)
async def test_so_is_an_origin(origin, shown, monkeypatch):
    headers = [(b"origin", origin)]
    assert await seen(headers, monkeypatch, "websocket") == [(b"origin", shown)]


# ---- Typed.


class Running:
    """`run` in a process of its own, ended with the `with`."""

    def __init__(self, workspace, *arguments):
        self.printed = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "channels_workshop", "run", *arguments],
            env=os.environ
            | {"PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1", "WORKSHOP_LANG": "en"}
            | {"WORKSHOP_WORKSPACE": str(workspace)},
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.limit = threading.Timer(PATIENCE, self.process.kill)
        self.limit.start()

    def until(self, pattern):
        for line in self.process.stdout:
            self.printed += line
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no {pattern!r} in:\n{self.printed}")

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.limit.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def say_hello(project, origin):
    """Enter a room from a page of `origin`; return what comes back."""
    with connect(
        f"{project}/ws/chat/tea/".replace("http:", "ws:"), origin=origin, proxy=None
    ) as tab:
        tab.send('{"message": "hello"}')
        return json.loads(tab.recv(timeout=PATIENCE))


@needs_second_address
@pytest.mark.parametrize("whose", ["reference", "mine"])
def test_phones_join_and_strangers_pages_do_not(whose, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKSHOP_WORKSPACE", str(tmp_path))
    mine = []
    if whose == "mine":
        mine = ["--mine"]
        lesson = find_lesson("3")
        folder = Workspace().start(lesson)
        shutil.copytree(lesson.folder / "chat", folder / "chat", dirs_exist_ok=True)
        before = {path: path.read_bytes() for path in folder.rglob("*.py")}
    with Running(tmp_path, "3", *mine, "--host", HERE) as run:
        project = run.until(rf"(http://{HERE}:\d+)/$")[1]
        run.until(f"Only this machine reaches {HERE}")
        for line in qr_code(f"{project}/"):
            run.until(f"^{re.escape(line)} *$")
        for_projector = httpx.get(run.until(r"For the projector: (\S+)")[1], trust_env=False)
        assert drawn(f"{project}/") in for_projector.text

        assert httpx.get(f"{project}/", trust_env=False).status_code == 200
        assert say_hello(project, origin=project) == {"message": "hello"}

        strange = {"Host": "elsewhere.example"}
        assert httpx.get(f"{project}/", headers=strange, trust_env=False).status_code == 400
        with pytest.raises(InvalidStatus) as refused:
            say_hello(project, origin="http://elsewhere.example")
        assert refused.value.response.status_code == 403
    if whose == "mine":
        assert before == {path: path.read_bytes() for path in folder.rglob("*.py")}


def drawn(address):
    """Return the line of an SVG that shows `address` as a QR code."""
    drawing = segno.make(address, micro=False).svg_inline(border=2)
    return re.search(r' d="[^"]+"', drawing)[0]


def qr_code(address):
    """Return the lines of a terminal that show `address`."""
    rows = [bytes(row) for row in segno.make(address, micro=False).matrix]
    rows = [bytes(len(rows[0]))] * 2 + rows + [bytes(len(rows[0]))]
    halves = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
    pairs = [zip(*two, strict=True) for two in zip(rows[2::2], rows[3::2], strict=True)]
    return ["  " + "".join(halves[pair] for pair in line).rstrip() for line in pairs]


@needs_second_address
def test_in_several_processes_too(tmp_path):
    with Running(tmp_path, "5", "--host", HERE, "--workers", "2") as run:
        project = run.until(rf"(http://{HERE}:\d+)/$")[1]
        with httpx.Client(base_url=project, trust_env=False) as browser:
            for _each in range(4):
                assert browser.get("/").status_code == 200
            page = browser.get("/login/")
            token = re.search('name="csrfmiddlewaretoken" value="(.*?)"', page.text)[1]
            form = {"csrfmiddlewaretoken": token, "username": "nobody", "password": "wrong"}
            answer = browser.post("/login/", data=form, headers={"Origin": project})
            assert answer.status_code == 200  # the form again, not 403
            answer = browser.post("/login/", data=form, headers={"Origin": "http://x.example"})
            assert answer.status_code == 403


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["3", "--host", "203.0.113.9"], "203.0.113.9 is not an address of this machine"),
        (["3", "--host", "no-such-host.invalid"], "There is no host “no-such-host.invalid”"),
        (["3", "--host", ""], "There is no host “”"),
        (["3", "--host"], "requires an argument"),
        (["3", "--host", "127.0.0.1", "--port", "TAKEN"], "of 127.0.0.1 is taken"),
        (["9", "--host", "127.0.0.1"], "There is no lesson “9”"),
    ],
)
def test_wrong_usage_exits_2_without_a_traceback(arguments, said, tmp_path):
    with listen(18520) as taken:
        arguments = [str(port_of(taken)) if word == "TAKEN" else word for word in arguments]
        with Running(tmp_path, *arguments) as run:
            run.until(said)
            assert run.process.wait(PATIENCE) == 2
            assert "Traceback" not in run.printed + run.process.stdout.read()
