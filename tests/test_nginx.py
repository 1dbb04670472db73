"""Lesson 06's nginx.conf, run by the real nginx before two real servers."""

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.uri import parse_uri

import nginx_proxy
from channels_workshop import REPOSITORY
from channels_workshop.course.lessons import LESSONS
from channels_workshop.judging.mismatch import Mismatch
from channels_workshop.judging.needs import find_nginx, why_missing
from channels_workshop.processes.ports import listen
from channels_workshop.processes.project import (
    ProjectProcess,
    ServerOptions,
    project_environment,
)
from channels_workshop.processes.redis import start_redis
from channels_workshop.processes.supervised import start_until_ready, stop_supervised
from channels_workshop.processes.supervisor import Supervisor
from nginx_proxy import examine, start_nginx, with_addresses
from proxied import count_pings, read_timeout, with_read_timeout

# Left to .ci/run: real servers, and many of them.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        why_missing("nginx") is not None, reason="nginx is missing: apt-get install nginx"
    ),
]

CONFIGURATION = (
    LESSONS / "06_scaling_redis" / "further" / "operate" / "deploy" / "nginx.conf"
).read_text("utf-8")
#: A chat with nothing but what is needed here: on the Redis pub/sub layer, rooms by the path.
PROJECT = REPOSITORY / "tests" / "small_chat"

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 20


@pytest.fixture(scope="module")
def supervisor():
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture(scope="module")
def options():
    server = start_redis()
    yield ServerOptions(environment={"REDIS_URL": server.url})
    server.stop()


@pytest.fixture
def servers(supervisor, options, tmp_path):
    """Two servers of the chat, on one Redis."""
    started = [supervisor.serve(PROJECT, tmp_path / f"{number}.log", options) for number in (1, 2)]
    yield started
    for server in started:
        server.stop()


@contextlib.contextmanager
def proxy(servers, *changes):
    """Run nginx by the lesson's file, with `changes`: pairs of a pattern and what is in its place."""
    text = CONFIGURATION
    for pattern, instead in changes:
        text, count = re.subn(pattern, instead, text, flags=re.MULTILINE)
        assert count == 1, pattern
    nginx = start_nginx(text, servers)
    try:
        yield nginx
    finally:
        nginx.stop()


def enter(nginx, **options):
    address = nginx.origin.replace("http:", "ws:") + "/ws/chat/tea/"
    return connect(address, origin=nginx.origin, proxy=None, open_timeout=PATIENCE, **options)


def served_by(servers, positions):
    """Return the number of the server that has accepted a socket since `positions`."""
    for number, (server, position) in enumerate(zip(servers, positions, strict=True)):
        if "[accepted]" in server.log_since(position):
            return number
    raise AssertionError("nobody has accepted it")


def positions_of(servers):
    return [server.log_size() for server in servers]


def test_nginx_finds_nothing_to_complain_of(servers):
    printed = examine(CONFIGURATION, servers)
    assert "test is successful" in printed
    assert "warn" not in printed


def test_the_upgrade_gets_through_and_processes_talk_to_each_other(servers):
    with proxy(servers) as nginx, enter(nginx) as ann, enter(nginx) as bob:
        # By the number of connections: one for each.
        assert all("[accepted]" in server.log_since(0) for server in servers)
        heard = None
        while heard != {"message": "over"}:  # nothing says when a subscription is at Redis
            ann.send('{"message": "over"}')
            with contextlib.suppress(TimeoutError):
                heard = json.loads(bob.recv(timeout=0.2))


def test_pages_get_through_and_metrics_do_not(servers):
    with proxy(servers) as nginx:
        assert httpx.get(nginx.origin, trust_env=False).status_code == 404  # Django's: it has none
        sizes = positions_of(servers)
        for path in ("/metrics", "/metrics/"):
            assert httpx.get(nginx.origin + path, trust_env=False).status_code == 404
        assert positions_of(servers) == sizes


def test_what_a_client_claims_of_itself_is_not_passed_on(servers):
    claims = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
    with proxy(servers) as nginx, enter(nginx, additional_headers=claims):
        logs = "".join(server.log_since(0) for server in servers)
        assert re.search(r'127\.0\.0\.1:\d+ - "WebSocket /ws/chat/tea/" \[accepted\]', logs)
        assert "192.0.2.7" not in logs


def test_no_query_string_in_the_log(servers):
    with proxy(servers) as nginx:
        httpx.get(nginx.origin + "/some/page/?ticket=secret", trust_env=False)
        log = wait_for(nginx.log, "/some/page/")
        assert "secret" not in log


def wait_for(path, text):
    """Wait until `text` stands in a file; return all of it."""
    deadline = time.monotonic() + PATIENCE
    while text not in (content := path.read_text("utf-8")):
        assert time.monotonic() < deadline, content
        time.sleep(0.02)
    return content


# ---- A backend that is lost.


def test_whoever_was_on_a_killed_server_comes_back_on_the_other(servers):
    with proxy(servers) as nginx:
        begun = positions_of(servers)
        with enter(nginx) as ann:
            lost = served_by(servers, begun)
            servers[lost].stop()  # as kill -9
            with pytest.raises(ConnectionClosed) as closed:
                ann.recv(timeout=PATIENCE)
            assert closed.value.rcvd is None  # a browser calls that 1006
        for _again in range(3):
            begun = positions_of(servers)
            with enter(nginx):
                assert served_by(servers, begun) == 1 - lost


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGTERM here")
def test_a_restart_is_told_to_the_clients(servers):
    with proxy(servers) as nginx:
        begun = positions_of(servers)
        with enter(nginx) as ann:
            leaving = served_by(servers, begun)
            servers[leaving].process.terminate()
            with pytest.raises(ConnectionClosed) as closed:
                ann.recv(timeout=PATIENCE)
            assert closed.value.rcvd.code == 1012
        begun = positions_of(servers)
        with enter(nginx):
            assert served_by(servers, begun) == 1 - leaving


def test_both_lost_is_502_and_one_back_is_enough(servers, options, tmp_path):
    with proxy(servers, (r"^(\s*server app1.*)fail_timeout=5s", r"\1fail_timeout=1s")) as nginx:
        for server in servers:
            server.stop()
        with pytest.raises(InvalidStatus) as refused, enter(nginx):
            pass
        assert refused.value.response.status_code == 502
        with listen(servers[0].port) as listener:
            assert listener.getsockname()[1] == servers[0].port
            back = ProjectProcess(listener)
        try:
            assert not back.load(PROJECT, tmp_path / "again.log", options)
            back.serve()
            deadline = time.monotonic() + PATIENCE
            while not is_in(nginx):
                assert time.monotonic() < deadline
                time.sleep(0.1)
        finally:
            back.close()


def is_in(nginx):
    try:
        with enter(nginx):
            return True
    except InvalidStatus:
        return False


# ---- Two mistakes.


def test_without_the_upgrade_headers_it_is_404(servers):
    with proxy(
        servers,
        (r"^.*proxy_set_header Upgrade .*\n", ""),
        (r"^.*proxy_set_header Connection .*\n", ""),
    ) as nginx:
        with pytest.raises(InvalidStatus) as refused, enter(nginx):
            pass
        assert refused.value.response.status_code == 404
        logs = "".join(server.log_since(0) for server in servers)
        assert '"GET /ws/chat/tea/ HTTP/1.1" 404' in logs


def test_by_default_nginx_speaks_http_1_0_to_the_server(servers):
    version = examine_version()
    if version >= (1, 29, 7):
        pytest.skip("from 1.29.7 on its default is 1.1")
    with proxy(
        servers,
        (r"^.*proxy_http_version .*\n", ""),
        (r"^.*proxy_set_header Upgrade .*\n", ""),
        (r"^.*proxy_set_header Connection .*\n", ""),
    ) as nginx:
        with pytest.raises(InvalidStatus) as refused, enter(nginx):
            pass
        assert refused.value.response.status_code == 404
        logs = "".join(server.log_since(0) for server in servers)
        assert '"GET /ws/chat/tea/ HTTP/1.0" 404' in logs


def examine_version():
    run = subprocess.run([find_nginx(), "-v"], capture_output=True, encoding="utf-8")
    return tuple(map(int, re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", run.stderr).groups()))


SHORT = (r"^(\s*)proxy_read_timeout 60s;", r"\1proxy_read_timeout 1s;")


def test_a_read_timeout_below_the_ping_interval_cuts_the_quiet(servers):
    # uvicorn's pings come each 20 s.
    with proxy(servers, SHORT) as nginx, enter(nginx) as ann:
        with pytest.raises(ConnectionClosed) as closed:
            ann.recv(timeout=PATIENCE)
        assert closed.value.rcvd is None  # a browser calls that 1006
        assert all(server.process.is_alive() for server in servers)


def test_pings_within_the_read_timeout_keep_the_quiet(options):
    """Five pings, each half a second after the last: twice the read timeout goes by."""
    with uvicorn_with("--ws-ping-interval", "0.5", options=options) as server:
        with proxy([server, server], SHORT) as nginx:
            assert asyncio.run(count_pings(nginx.origin, "/ws/chat/tea/", 5)) == 5


def test_a_ping_that_is_not_answered_ends_the_connection(options):
    often = ("--ws-ping-interval", "0.2", "--ws-ping-timeout", "0.2")
    with uvicorn_with(*often, options=options) as server:
        assert asyncio.run(close_code_for_the_mute(server)) == 1011


async def close_code_for_the_mute(server):
    """Open a WebSocket and send nothing after that, no pong either; return what it is closed with."""
    origin = f"http://{server.host}:{server.port}"
    protocol = ClientProtocol(parse_uri(f"ws://{server.host}:{server.port}/ws/chat/tea/"))
    request = protocol.connect()
    request.headers["Origin"] = origin
    protocol.send_request(request)
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"".join(protocol.data_to_send()))
    async with asyncio.timeout(PATIENCE):
        while protocol.close_rcvd is None:
            protocol.receive_data(await reader.read(4096))
            protocol.events_received()
    writer.transport.abort()
    return protocol.close_rcvd.code


@contextlib.contextmanager
def uvicorn_with(*arguments, options):
    """Run uvicorn by its own command, as in deployment; give where it listens."""
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", "0"]
    process, ready = start_until_ready(
        [*command, *arguments],
        re.compile(rb"running on http://127\.0\.0\.1:(\d+)"),
        folder=PROJECT,
        environment=project_environment(options),
    )
    try:
        yield SimpleNamespace(host="127.0.0.1", port=int(ready[1]))
    finally:
        stop_supervised(process)


def test_times_are_read_as_nginx_writes_them():
    assert read_timeout(CONFIGURATION) == 60
    for written, seconds in [("90", 90), ("1500ms", 1.5), ("1m 30s", 90), ("2h30m", 9000)]:
        text = CONFIGURATION.replace("proxy_read_timeout 60s", f"proxy_read_timeout {written}")
        assert read_timeout(text) == seconds
    without = re.sub("proxy_read_timeout .*", "", CONFIGURATION)
    assert read_timeout(without) == 60  # nginx' own
    for text in (CONFIGURATION, without):
        assert read_timeout(with_read_timeout(text, 1.5)) == 1.5


# ---- Starting it.


def test_addresses_take_the_place_of_the_deployed_ones(servers):
    text = with_addresses(CONFIGURATION, 8080, servers)
    assert "listen 127.0.0.1:8080;" in text
    for server in servers:
        assert f"server 127.0.0.1:{server.port} max_fails=1" in text
    assert "app1" not in text
    with pytest.raises(Mismatch, match=r"1 × “listen 80;”; actual: nginx.conf: 0 ×"):
        with_addresses(CONFIGURATION.replace("listen 80;", "listen 8080;"), 8080, servers)
    with pytest.raises(Mismatch, match=r"2 × “server NAME:PORT;”; actual: nginx.conf: 1 ×"):
        with_addresses(re.sub(r"server app2.*", "", CONFIGURATION), 8080, servers)
    with pytest.raises(Mismatch, match=r"1 × “http \{”; actual: nginx.conf: 0 ×"):
        examine(CONFIGURATION.replace("http {", " http {"), servers)


def test_what_is_wrong_is_said_in_nginx_words(servers):
    broken = CONFIGURATION.replace("proxy_read_timeout 60s", "proxy_read_timeout soon")
    for run in (examine, start_nginx):
        with pytest.raises(Mismatch, match='"proxy_read_timeout" directive invalid value'):
            run(broken, servers)


def test_another_port_is_tried_where_one_is_taken(servers, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = iter([taken.getsockname()[1], nginx_proxy.free_port()])
        monkeypatch.setattr(nginx_proxy, "free_port", lambda: next(ports))
        with proxy(servers) as nginx:
            assert httpx.get(nginx.origin, trust_env=False).status_code == 404


PARENT = """
import json, sys
from types import SimpleNamespace
from nginx_proxy import start_nginx
servers = [SimpleNamespace(host="127.0.0.1", port=9)] * 2
nginx = start_nginx(sys.stdin.read(), servers)
print(nginx.port, flush=True)
import threading
threading.Event().wait()
"""


def test_it_ends_with_a_parent_that_is_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(Path(nginx_proxy.__file__).parent)},
    )
    parent.stdin.write(CONFIGURATION)
    parent.stdin.close()
    port = int(parent.stdout.readline())
    assert httpx.get(f"http://127.0.0.1:{port}", trust_env=False).status_code == 502
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            break
        assert time.monotonic() < deadline
        time.sleep(0.02)
