"""The page "Add Channels to your own project", done to a fresh project step by step.

The steps stand in `docs/snippets/your_own_project/steps.toml`. The page shows them in that order,
and here they are made: commands are run as they are typed, files are written as they are shown.
"""

import ast
import asyncio
import contextlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from channels_workshop.judging.browser import browser, can_drive, find_browser
from channels_workshop.processes.redis import STAND_IN, find_program, start_redis
from channels_workshop.processes.supervised import start_until_ready, stop_supervised

# Half a minute of real servers: left to .ci/run.
pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[1]
TREE = REPOSITORY / "docs" / "snippets" / "your_own_project"

#: Seconds after which an answer that must come is a failure.
PATIENCE = 20


class Step(NamedTuple):
    """A heading of the page, what is typed below it, and the files that are written there."""

    anchor: str
    commands: list[str]
    files: list[str]


STEPS = [Step(**row) for row in tomllib.loads((TREE / "steps.toml").read_text("utf-8"))["steps"]]


def step_at(anchor: str) -> Step:
    return next(step for step in STEPS if step.anchor == anchor)


def command_of(anchor: str, number: int = 0) -> list[str]:
    """Return a command of the page as a list, to be run by this Python."""
    program, *arguments = shlex.split(step_at(anchor).commands[number])
    if program == "django-admin":
        return [sys.executable, "-m", "django", *arguments]
    assert program == "python"
    return [sys.executable, *arguments]


#: The reader's environment: no settings of this repository, no option for its pytest.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("DJANGO_", "PYTEST_", "PYTHONPATH"))
} | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}


def run(folder: Path, command: list[str]) -> subprocess.CompletedProcess:
    """Run a program to its end in `folder`."""
    return subprocess.run(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
    )


# ---- Doing the steps

MARK = re.compile(r"^.*--8<-- \[(start|end):(\w+)\].*\n", re.MULTILINE)


def section_of(text: str, name: str) -> str:
    """Return what stands between a section's marks."""
    return re.search(rf"\[start:{name}\].*\n([\s\S]*?)^.*\[end:{name}\]", text, re.MULTILINE)[1]


def write(project: Path, shown: str) -> None:
    """Do to a file of `project` what its reader does who is shown this file, or section, of TREE.

    Settings replace those of the same name, or are added at the end. Else the section is put into
    the file where it stands in TREE, and nothing but the section is new.
    """
    name, _, section = shown.partition(":")
    target = project / name.partition("/")[2]
    text = (TREE / name).read_text("utf-8")
    if target.name == "settings.py":
        text = with_settings(target.read_text("utf-8"), section_of(text, section))
    elif section:
        assert text.replace(section_of(text, section), "") != text
        rest = MARK.sub("", text.replace(section_of(text, section), ""))
        assert rest == target.read_text("utf-8")
        text = MARK.sub("", text)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")


def with_settings(text: str, added: str) -> str:
    """Return a settings module with the assignments of `added`."""
    for new in ast.parse(added).body:
        lines = text.splitlines(keepends=True)
        place = slice(len(lines), len(lines))
        for old in ast.parse(text).body:
            if isinstance(old, ast.Assign) and old.targets[0].id == new.targets[0].id:
                place = slice(old.lineno - 1, old.end_lineno)
        lines[place] = [ast.get_source_segment(added, new) + "\n"]
        text = "".join(lines)
    return text


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Path:
    """What the commands of the step `create` make."""
    folder = tmp_path_factory.mktemp("fresh")
    for number, typed in enumerate(step_at("create").commands):
        if typed.startswith("cd "):
            folder /= typed.removeprefix("cd ")
            continue
        made = run(folder, command_of("create", number))
        assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def project_at(fresh, tmp_path):
    """Makes a project at which every step up to the one named, and this one too, has been done."""

    def project_at(last: str) -> Path:
        project = tmp_path / "mysite"
        shutil.copytree(fresh, project)
        assert last in [step.anchor for step in STEPS]
        for step in STEPS:
            for file in step.files:
                write(project, file)
            if step.anchor == last:
                break
        return project

    return project_at


# ---- Running it


class Server(NamedTuple):
    host: str
    log: Path

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.origin + path, trust_env=False, timeout=PATIENCE)

    def open_page(self) -> "OpenPage":
        """Load the page as a browser does, with its cookies and what its script is given."""
        answer = self.get("/notes/")
        assert answer.status_code == 200, answer.text
        given = re.search(r'<script id="socket-path" type="application/json">(.*?)<', answer.text)
        return OpenPage(self.origin, dict(answer.cookies), answer.text, json.loads(given[1]))

    def socket(self, path: str = "/ws/notes/", origin: str | None = None):
        return connect(
            f"ws://{self.host}{path}",
            origin=origin or self.origin,
            open_timeout=PATIENCE,
            proxy=None,
        )


class OpenPage(NamedTuple):
    origin: str
    cookies: dict[str, str]
    text: str
    socket_path: str

    def submit(self, text: str) -> httpx.Response:
        """Send the page's form."""
        action = re.search(r'<form method="post" action="(.*?)">', self.text)[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="(.*?)"', self.text)[1]
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return httpx.post(
            self.origin + action,
            data={"csrfmiddlewaretoken": token, "text": text},
            headers={"Cookie": cookie},
            trust_env=False,
            timeout=PATIENCE,
        )


UVICORN_READY = re.compile(rb"Uvicorn running on http://(127\.0\.0\.1:\d+) ")
RUNSERVER_READY = re.compile(rb"Listening on TCP address (127\.0\.0\.1:\d+)")

#: `manage.py`, but `runserver` says which port it was given, once it listens there.
MANAGE = """
import logging, os, sys
from django.core.management import execute_from_command_line
from django.core.management.commands.runserver import Command

class Telling(Command.server_cls):
    def server_activate(self):
        super().server_activate()
        print("Listening on TCP address 127.0.0.1:%d" % self.server_port)

Command.server_cls = Telling
logging.basicConfig()
logging.getLogger("daphne.server").setLevel("INFO")
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""


@contextlib.contextmanager
def started(project: Path, command: list[str], ready: re.Pattern[bytes], name: str):
    """Start a server in `project`; it is ready once it prints `ready`, with its address."""
    log = project.parent / f"{name}.log"
    process, printed = start_until_ready(
        command, ready, log=log, folder=project, environment=ENVIRONMENT
    )
    try:
        yield Server(printed[1].decode(), log)
    finally:
        stop_supervised(process)


def serving(project: Path, *, reload: int | None = None):
    """Serve `project` as the page says, on a port that is free; `reload`: the command's number."""
    command = command_of("uvicorn", reload or 0)
    if reload is None:
        command.remove("--reload")
    return started(project, [*command, "--port", "0"], UVICORN_READY, "uvicorn")


def wait_until_it_listens(server: Server) -> None:
    """With `--reload`, uvicorn names its port before the process that listens is there."""
    deadline = time.monotonic() + PATIENCE
    host, _, port = server.host.partition(":")
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.02)
    pytest.fail("nobody listens")


def running_server(project: Path):
    """Start `runserver` as the page says, on a port that is free, in one process."""
    python, manage, *command = command_of("runserver")
    assert manage == "manage.py"
    command = [python, "-c", MANAGE, *command, "--noreload", "127.0.0.1:0"]
    return started(project, command, RUNSERVER_READY, "runserver")


def tell(story) -> None:
    """Run a coroutine; it fails where it takes too long."""
    asyncio.run(asyncio.wait_for(story, PATIENCE))


async def refusal(attempt) -> int:
    """Return the HTTP status with which a handshake is refused."""
    with pytest.raises(InvalidStatus) as refused:
        await attempt
    return refused.value.response.status_code


# ---- Page and steps are one


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_shows_the_steps_and_nothing_else(language):
    page = (REPOSITORY / "docs" / language / "your-own-project.md").read_text("utf-8")
    parts = re.split(r"^##+ .*\{ #([\w-]+) \}$", page, flags=re.MULTILINE)
    parts = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert [step.anchor for step in STEPS] == [
        anchor for anchor in parts if anchor in {step.anchor for step in STEPS}
    ]
    fence = r'^ *```\w+ title="(.*?)".*\n *--8<-- "docs/snippets/your_own_project/(.*)"'
    shown = {
        anchor: re.findall(fence, text, flags=re.MULTILINE)
        for anchor, text in parts.items()
        if "--8<--" in text
    }
    # Two more are shown: what not to write, and another way to serve.
    others = [file for files in shown.values() for _, file in files]
    for step in STEPS:
        typed = iter(re.findall(r"^ *(\S.*)$", parts[step.anchor], flags=re.MULTILINE))
        assert all(command in typed for command in step.commands), step.anchor
        for file in step.files:
            title = file.partition("/")[2].partition(":")[0]
            assert (title, file) in shown[step.anchor]
            others.remove(file)
        assert [file for _, file in shown.get(step.anchor, []) if file in step.files] == step.files
    assert others == [WRONG, DAPHNE]
    assert '--8<-- "docs/snippets/your_own_project/versions.md"' in page


WRONG = "wrong/mysite/asgi.py:order"
DAPHNE = "daphne/mysite/settings.py:daphne"


def test_the_versions_are_those_of_the_lock():
    lock = (REPOSITORY / "requirements" / "core.txt").read_text("utf-8")
    locked = dict(re.findall(r"^([\w-]+)==([\w.]+)", lock, flags=re.MULTILINE))
    rows = re.findall(r"([\w-]+) ([\d.]+)", (TREE / "versions.md").read_text("utf-8"))
    named = {name.lower(): version for name, version in rows}
    assert named == {name: locked[name] for name in named}
    installs = [
        word.partition("[")[0]
        for step in STEPS
        for command in step.commands
        if "pip install" in command
        for word in shlex.split(command)[4:]
    ]
    assert set(installs) <= named.keys()


# ---- What goes wrong on the way


def test_runserver_answers_a_handshake_with_404(project_at):
    project = project_at("page")
    with running_server(project) as server:
        page = server.open_page()
        assert page.socket_path == "/ws/notes/"
        assert asyncio.run(refusal(server.socket(page.socket_path))) == 404
        log = server.log
    assert "Not Found: /ws/notes/" in log.read_text()


def import_application(project: Path) -> subprocess.CompletedProcess:
    return run(project, [sys.executable, "-c", "import mysite.asgi"])


def test_the_wrong_order_works_until_a_consumer_imports_a_model(project_at):
    project = project_at("asgi")
    right = project / "mysite" / "asgi.py"
    wrong = MARK.sub("", (TREE / WRONG.partition(":")[0]).read_text("utf-8"))
    line = "from notes.routing import websocket_urlpatterns\n"
    at_the_top = line + wrong.replace(line, "")
    orders = {"right": right.read_text("utf-8"), "wrong": wrong, "sorted": at_the_top}
    consumers = project / "notes" / "consumers.py"
    plain = consumers.read_text("utf-8")
    printed = {}
    for order, text in orders.items():
        right.write_text(text, "utf-8")
        consumers.write_text(plain + "\nfrom django.contrib.auth.models import User\n", "utf-8")
        printed[order] = import_application(project).stderr
    assert printed["right"] == ""
    assert "AppRegistryNotReady: Apps aren't loaded yet." in printed["wrong"]
    assert "ImproperlyConfigured: Requested setting INSTALLED_APPS, but" in printed["sorted"]
    consumers.write_text(plain, "utf-8")
    assert import_application(project).stderr == ""


# ---- A working socket, before there is a layer


def test_the_first_socket_works_without_a_channel_layer(project_at):
    with serving(project_at("asgi")) as server:
        page = server.open_page()

        async def story():
            async with server.socket(page.socket_path) as tab:
                assert await tab.recv() == "You are connected."
            assert await refusal(server.socket(origin="http://evil.example")) == 403

        tell(story())
        assert server.get("/static/admin/css/base.css").status_code == 200
        log = server.log
    assert "ASGI 'lifespan' protocol appears unsupported." in log.read_text()
    assert '"WebSocket /ws/notes/" [accepted]' in log.read_text()


def test_a_save_restarts_the_server_and_templates_need_an_option(project_at):
    project = project_at("asgi")
    template = project / "notes" / "templates" / "notes" / "index.html"

    def rename(old, new):
        template.write_text(template.read_text("utf-8").replace(old, new), "utf-8")

    with serving(project) as server:
        assert "<h1>Notes</h1>" in server.open_page().text
        rename("<h1>Notes<", "<h1>News<")
        assert "<h1>Notes</h1>" in server.open_page().text  # cached

    with serving(project, reload=1) as server:
        wait_until_it_listens(server)
        assert "<h1>News</h1>" in server.open_page().text

        async def story():
            async with server.socket() as tab:
                assert await tab.recv() == "You are connected."
                rename("<h1>News<", "<h1>Today<")
                closed = asyncio.create_task(tab.wait_closed())
                while not closed.done():  # it may have listened before it watched
                    template.touch()
                    await asyncio.wait([closed], timeout=5)
                assert tab.close_code == 1012

        tell(story())
        assert "<h1>Today</h1>" in server.open_page().text


# ---- Notes


def test_a_group_needs_a_layer(project_at):
    project = project_at("send")
    settings = project / "mysite" / "settings.py"
    settings.write_text(settings.read_text("utf-8") + "\nCHANNEL_LAYERS = {}\n", "utf-8")
    with serving(project) as server:
        assert asyncio.run(refusal(server.socket())) == 500
        log = server.log
    assert "BACKEND is unconfigured or doesn't support groups" in log.read_text()


def test_a_note_comes_to_every_open_page_and_none_from_another_process(project_at):
    project = project_at("send")
    with serving(project) as server:
        page = server.open_page()

        async def story():
            async with server.socket() as ann, server.socket() as bob:
                for tab in (ann, bob):
                    assert await tab.recv() == "You are connected."
                shell = await asyncio.to_thread(run, project, command_of("shell"))
                assert (shell.returncode, shell.stderr) == (0, "")
                note = "<b>Tea & cake</b>"
                assert (await asyncio.to_thread(page.submit, note)).status_code == 204
                # The shell's note would have come before it.
                assert [await ann.recv(), await bob.recv()] == [note, note]

        tell(story())


@pytest.fixture
def redis():
    if find_program()[0] == STAND_IN:
        pytest.skip("a Redis is missing: install redis-server or valkey-server")
    server = start_redis()
    yield server
    server.stop()


def test_over_redis_a_note_comes_from_another_process(project_at, redis):
    project = project_at("shell")
    settings = project / "mysite" / "settings.py"
    text = settings.read_text("utf-8")
    assert "redis://127.0.0.1:6379/0" in text
    settings.write_text(text.replace("redis://127.0.0.1:6379/0", redis.url), "utf-8")
    with serving(project) as server:

        async def story():
            async with server.socket() as tab:
                assert await tab.recv() == "You are connected."
                shell = await asyncio.to_thread(run, project, command_of("shell"))
                assert (shell.returncode, shell.stderr) == (0, "")
                assert await tab.recv() == "Lunch is ready"

        tell(story())


@pytest.mark.slow
@pytest.mark.skipif(not (find_browser() and can_drive()), reason="needs Chromium and playwright")
def test_a_browser_shows_it_all(project_at):
    """What the page's script does: with two windows, and after the server's end."""
    project = project_at("send")
    note = "<b>Tea & cake</b>"

    async def both_show(pages, text):
        for page in pages:
            await page.get_by_text(text, exact=True).wait_for(timeout=PATIENCE * 1000)

    async def story():
        async with browser() as chromium:
            pages = [await chromium.new_page() for _ in "ab"]
            with serving(project) as server:
                for page in pages:
                    await page.goto(f"{server.origin}/notes/")
                await both_show(pages, "You are connected.")
                await pages[0].locator("input[name=text]").fill(note)
                await pages[0].get_by_role("button").click()
                await both_show(pages, note)
                assert await pages[0].locator("li").count() == 2  # the page stayed
            await both_show(pages, "No connection. Reload the page.")
            with running_server(project) as server:
                await pages[0].goto(f"{server.origin}/notes/")
                await both_show(pages[:1], "No connection. Reload the page.")

    asyncio.run(asyncio.wait_for(story(), 3 * PATIENCE))


# ---- Its own tests


def test_the_test_of_the_page_passes_and_needs_its_settings(project_at):
    project = project_at("test")
    command = command_of("test", 1)
    passed = run(project, command)
    assert "1 passed" in passed.stdout, passed.stdout + passed.stderr

    strict = run(project, [*command, "-o", "asyncio_mode=strict"])
    assert "async def functions are not natively supported" in strict.stdout
    assert "1 failed" in strict.stdout

    consumers = project / "notes" / "consumers.py"
    consumers.write_text(consumers.read_text("utf-8").replace("note_sent", "note_send"), "utf-8")
    broken = run(project, command)
    assert "No handler for message type note.sent" in broken.stdout
    assert "1 failed" in broken.stdout


# ---- The other server


def test_with_daphne_runserver_has_websocket(project_at):
    project = project_at("test")
    write(project, DAPHNE)
    with running_server(project) as server:
        assert server.open_page().socket_path == "/ws/notes/"

        async def story():
            async with server.socket() as tab:
                assert await tab.recv() == "You are connected."

        tell(story())
