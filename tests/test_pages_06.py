"""What lesson 06's page and the one on deployment show: their programs are run here.

Measured figures are compared with what the measuring programs have written. What the pages say
beside that is proved in `test_statements.py`.
"""

import json
import os
import re
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes.management import run_commands
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.redis import STAND_IN, find_program
from channels_workshop.processes.supervisor import Supervisor

REPOSITORY = Path(__file__).resolve().parents[1]
SNIPPETS = REPOSITORY / "docs" / "snippets" / "06_scaling_redis"
PLOTS = REPOSITORY / "docs" / "plots"
DEPLOYMENT = "deployment.md"
LANGUAGES = ("en", "ru")
#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60

pytestmark = pytest.mark.skipif(
    find_program()[0] == STAND_IN,
    reason="a Redis is missing: install redis-server or valkey-server",
)


def text_of(page: str, language: str) -> str:
    return (REPOSITORY / "docs" / language / page).read_text(encoding="utf-8")


# ---- The programs of the page


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory):
    """Two processes of the finished chat, with the people of `demo`."""
    room = tmp_path_factory.mktemp("chat")
    project = room / "project"
    with Supervisor() as supervisor:
        write_project(find_lesson("06"), project)
        environment = {"REDIS_URL": supervisor.redis.url}
        for ran in run_commands(project, [["migrate", "--verbosity", "0"], ["demo"]], environment):
            assert ran.exit_code == 0, ran.errors
        servers = [
            supervisor.serve(
                project, room / f"{number}.log", ServerOptions(environment=environment)
            )
            for number in range(2)
        ]
        yield [f"{server.host}:{server.port}" for server in servers]
        for server in servers:
            server.stop()


def test_the_roll_call_is_the_same_on_two_processes(two_processes):
    run = subprocess.run(
        [sys.executable, str(SNIPPETS / "roll_call.py"), *two_processes],
        capture_output=True,
        encoding="utf-8",
    )
    assert run.stdout.splitlines() == [f"tab {n}: 3 people in 6 tabs" for n in range(6)], run.stderr


@pytest.fixture
def break_it():
    """The program that breaks the chat, with its standard input and output."""
    process = subprocess.Popen(
        [sys.executable, "-u", str(SNIPPETS / "break_it.py"), "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PRESENCE_SECONDS": "2"},
    )
    yield process
    process.stdin.close()
    process.wait()
    process.stdout.close()


class Person:
    """Somebody with a tab in the room “tea”."""

    def __init__(self, tab):
        self._tab = tab

    def sees(self, **wanted):
        """Return once a frame has come with all that is wanted."""
        while not wanted.items() <= json.loads(self._tab.recv(timeout=PATIENCE)).items():
            pass

    def says(self, text):
        self._tab.send(json.dumps({"message": text}))

    def close_code(self):
        with suppress(ConnectionClosed):
            for _frame in self._tab:
                pass
        return self._tab.close_code


@pytest.fixture
def enter():
    """A function that lets somebody in; all leave at the end."""
    with ExitStack() as kept:

        def enter(address, token):
            host = re.search(r"//([^/]+)/", address)[1]
            tab = connect(
                f"ws://{host}/ws/chat/tea/",
                origin=f"http://{host}",
                additional_headers={"Authorization": f"Bearer {token}"},
                proxy=None,
                open_timeout=PATIENCE,
            )
            return Person(kept.enter_context(tab))

        yield enter


@pytest.mark.slow
def test_the_chat_can_be_broken_as_the_page_says(break_it, enter):
    def until(words):
        for line in break_it.stdout:
            if words in line:
                return line
        raise AssertionError(f"“{words}” is not printed")

    def do(command, words):
        break_it.stdin.write(command + "\n")
        break_it.stdin.flush()
        return until(words)

    tokens = dict.fromkeys(["ann", "bob", "eve"])
    for name in tokens:
        tokens[name] = until(f"{name} ").split()[-1]
    ann = enter(until("one: http://"), tokens["ann"])
    two = until("two: http://")
    bob = enter(two, tokens["bob"])
    ann.sees(count=2)
    do("announce Чайник вскипел.", "told")
    for person in (ann, bob):
        person.sees(type="announcement", text="Чайник вскипел.")
    do("kill", "killed")
    ann.sees(count=1)  # since her own heartbeat found out
    bob = enter(do("start", "two: http://"), tokens["bob"])
    ann.sees(count=2)
    if os.name == "posix":  # elsewhere nobody can be asked to end
        two = do("restart", "two: http://")
        assert bob.close_code() == 1012
        ann.sees(count=1)
        bob = enter(two, tokens["bob"])
        ann.sees(count=2)
    break_it.stdin.write("away 2\n")
    break_it.stdin.flush()
    until("is away")
    ann.says("is anybody there?")
    ann.sees(type="error", code="unavailable")
    eve = enter(two, tokens["eve"])
    eve.sees(type="error", code="unavailable")
    assert eve.close_code() == 1013
    until("is back")
    eve = enter(two, tokens["eve"])
    for person in (ann, bob, eve):
        person.sees(count=3)
    eve.says("hello")
    bob.sees(message="hello", user="eve")


# ---- The figures


def figure(number: float, language: str) -> str:
    """Return a number as the page writes it."""
    text = f"{number:,}"
    return text if language == "en" else text.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_the_measured_capacity(language):
    measured = json.loads((PLOTS / "capacity.json").read_text(encoding="utf-8"))
    often, seldom = measured["plain"], measured["seldom"]
    table = text_of(DEPLOYMENT, language).partition("{ #sockets }")[2].partition("{ #idle-costs")[0]
    for number in (
        measured["sockets"],
        round(often["kilobytes_a_socket"]),
        round(measured["compressed"]["kilobytes_a_socket"]),
        round(often["idle_processor"], 1),
        round(seldom["idle_processor"], 1),
        round(often["redis_processor"], 2),
        round(seldom["redis_processor"], 2),
        often["redis_connections"],
    ):
        assert re.search(rf"(?<![\d.,]){re.escape(figure(number, language))}(?![\d.,]\d)", table)
    big = text_of(DEPLOYMENT, language).partition("{ #idle-costs")[2].partition("{ #big-room")[0]
    everybody = figure(round(measured["one_room"]["idle_processor"], 1), language)
    assert f" {everybody} " in big.replace("\n", " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_the_measured_deliveries(language):
    measured = json.loads((PLOTS / "bench_chat.json").read_text(encoding="utf-8"))
    table = (
        text_of(DEPLOYMENT, language).partition("{ #messages }")[2].partition("{ #deliveries")[0]
    )
    for row in measured["rows"]:
        if row["name"].endswith(": deliveries"):
            assert figure(round(row["value"], -2), language) in table, row
        if row["name"].endswith(": p99"):
            assert figure(round(row["value"]), language) in table, row
        if row["name"].endswith(": lost"):
            assert row["value"] == 0
    # “Seven to fourteen times as much as the chat”, and 0.7 to 1.5 times as much as a bare server.
    (more,) = (row["value"] for row in measured["rows"] if row["name"] == "fan-out over the chat")
    assert 7 <= more <= 14
    assert 0.7 <= round(measured["ratio"], 1) <= 1.5
