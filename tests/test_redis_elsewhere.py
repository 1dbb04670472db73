"""Lesson 06's further/operate/deploy/redis_*, on a real Sentinel, a real Cluster and a real TLS.

Each runs two servers of a small chat with those settings: what is said on one is heard on the other.
"""

import contextlib
import datetime
import ipaddress
import json
import re
import shutil
import subprocess
import time

import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from channels_workshop import REPOSITORY
from channels_workshop.course.lessons import LESSONS
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.ports import free_port
from channels_workshop.processes.supervised import start_supervised, stop_supervised
from channels_workshop.processes.supervisor import Supervisor

DEPLOY = LESSONS / "06_scaling_redis" / "further" / "operate" / "deploy"
PROGRAM = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="redis-server is missing: apt-get install redis-server"
)

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60


@contextlib.contextmanager
def redis_server(folder, *options, port=None, ready=b"Ready to accept connections"):
    """Run redis-server with `options` in a folder of its own; give its port."""
    port = port or free_port()
    folder.mkdir(exist_ok=True)
    command = [PROGRAM, *options, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = start_supervised(command, folder=folder, output=subprocess.PIPE)
    try:
        printed = b""
        while ready not in printed:
            line = process.stdout.readline()
            assert line, printed.decode()
            printed += line
        yield process
    finally:
        stop_supervised(process)
        process.stdout.close()


def until(holds, what):
    """Wait until `holds()` is true; Redis tells nobody when it is."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(redis.RedisError):
            if holds():
                return
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.fixture(scope="module")
def supervisor():
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture
def two_servers(supervisor, tmp_path):
    """Return a function that serves the chat twice with the settings of that name."""
    project = tmp_path / "project"
    shutil.copytree(REPOSITORY / "tests" / "small_chat", project)
    shutil.copytree(DEPLOY, project / "deploy")
    started = []

    def start(settings, **environment):
        for number in range(2):
            options = ServerOptions(
                settings=f"deploy.{settings}",
                environment={
                    "SECRET_KEY": "for this test",
                    "ALLOWED_HOSTS": "127.0.0.1",
                    "DATABASE": ":memory:",
                    "REDIS_URL": "redis://127.0.0.1:9",  # nobody is there
                    **environment,
                },
            )
            server = supervisor.serve(project, tmp_path / f"{number}.log", options)
            started.append(server)
        return started

    yield start
    for server in started:
        server.stop()


def talk(servers, text):
    """Say it on one server until it is heard on the other, coming in anew where that is needed."""

    def is_heard():
        with contextlib.ExitStack() as kept:
            ann, bob = (
                kept.enter_context(
                    connect(
                        server.origin.replace("http:", "ws:") + "/ws/chat/tea/",
                        origin=server.origin,
                        proxy=None,
                    )
                )
                for server in servers
            )
            ann.send(json.dumps({"message": text}))
            return json.loads(bob.recv(timeout=0.5)) == {"message": text}

    def is_heard_at_last():
        try:
            return is_heard()
        except (TimeoutError, ConnectionClosed, InvalidStatus):
            return False

    until(is_heard_at_last, f"{text} is not heard: {servers[0].log_since(0)[-2000:]}")


@pytest.mark.on_demand
def test_a_replica_follows_a_master_that_is_lost(two_servers, tmp_path):
    master, replica, sentinel = free_port(), free_port(), free_port()
    (tmp_path / "sentinel.conf").write_text(
        f"port {sentinel}\n"
        f"sentinel monitor chat 127.0.0.1 {master} 1\n"
        "sentinel down-after-milliseconds chat 500\n"
        "sentinel failover-timeout chat 2000\n",
        encoding="utf-8",
    )
    with contextlib.ExitStack() as kept:
        first = kept.enter_context(redis_server(tmp_path / "master", "--port", str(master)))
        follows = ["--port", str(replica), "--replicaof", f"127.0.0.1 {master}"]
        kept.enter_context(redis_server(tmp_path / "replica", *follows))
        watches = [str(tmp_path / "sentinel.conf"), "--sentinel"]
        kept.enter_context(redis_server(tmp_path / "sentinel", *watches, ready=b"+monitor"))
        with redis.Redis(port=sentinel) as asked:
            until(lambda: asked.sentinel_slaves("chat"), "the sentinel knows no replica")
            servers = two_servers(
                "redis_sentinel",
                REDIS_SENTINELS=f"127.0.0.1:9,127.0.0.1:{sentinel}",  # the first does not answer
                REDIS_MASTER="chat",
            )
            talk(servers, "before")
            stop_supervised(first)
            until(
                lambda: asked.sentinel_get_master_addr_by_name("chat")[1] == replica,
                "nobody took its place",
            )
        talk(servers, "after")


@pytest.mark.on_demand
def test_any_node_of_a_cluster_reaches_all(two_servers, tmp_path):
    ports = [free_port(), free_port()]
    with contextlib.ExitStack() as kept:
        nodes = []
        for port in ports:
            bus = ["--cluster-port", str(free_port())]
            options = ["--port", str(port), "--cluster-enabled", "yes", *bus]
            kept.enter_context(redis_server(tmp_path / str(port), *options))
            nodes.append(kept.enter_context(redis.Redis(port=port)))
        nodes[0].execute_command("CLUSTER ADDSLOTSRANGE", 0, 8191)
        nodes[1].execute_command("CLUSTER ADDSLOTSRANGE", 8192, 16383)
        other_bus = nodes[1].config_get("cluster-port")["cluster-port"]
        nodes[0].execute_command("CLUSTER MEET", "127.0.0.1", ports[1], other_bus)
        for node in nodes:
            until(
                lambda node=node: node.cluster("INFO")["cluster_state"] == "ok",
                "the nodes do not find each other",
            )
        # A key has one node; a plain client of the other is sent there.
        answers = []
        for node in nodes:
            try:
                answers.append(node.set("presence.tea", 1))
            except redis.exceptions.MovedError:
                answers.append("moved")
        assert sorted(answers, key=str) == [True, "moved"]
        # What is published at one node is heard at the other: each server asks one of its own.
        one, other = (f"redis://127.0.0.1:{port}" for port in ports)
        first = two_servers("redis_cluster", REDIS_NODES=one)[:1]
        second = two_servers("redis_cluster", REDIS_NODES=other)[2:3]
        talk(first + second, "across")
        both = two_servers("redis_cluster", REDIS_NODES=f"{one},{other}")[4:]
        talk(both, "two shards")


def test_over_tls_with_a_password(two_servers, tmp_path):
    certificate, key = make_certificate(tmp_path)
    port = free_port()
    options = ["--port", "0", "--tls-port", str(port), "--requirepass", "secret"]
    options += ["--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
    options += ["--tls-ca-cert-file", str(certificate), "--tls-auth-clients", "no"]
    try:
        kept = contextlib.ExitStack()
        kept.enter_context(redis_server(tmp_path / "redis", *options))
    except AssertionError as error:
        if "tls" in str(error).lower():
            pytest.skip("this redis-server is built without TLS")
        raise
    with kept:
        text = (DEPLOY / "redis_managed.env").read_text("utf-8")
        (deployed,) = re.findall(r"^REDIS_URL=(.+)$", text, re.MULTILINE)
        url = deployed.replace("password@redis.example.com:6380", f"secret@127.0.0.1:{port}")
        url = url.replace("/etc/ssl/redis.pem", str(certificate))
        servers = two_servers("settings", REDIS_URL=url)
        talk(servers, "hello")
        talk(servers[::-1], "hello too")
        # Two connections for each process, however many clients: one listens, one speaks.
        with contextlib.ExitStack() as sockets:
            for server in servers:
                for _each in range(5):
                    sockets.enter_context(
                        connect(
                            server.origin.replace("http:", "ws:") + "/ws/chat/tea/",
                            origin=server.origin,
                            proxy=None,
                        )
                    )
            with redis.Redis.from_url(url) as client:
                assert len(client.client_list()) == 2 * 2 + 1  # and this client's own
        # A certificate that nobody vouches for is refused.
        with redis.Redis.from_url(url.partition("?")[0]) as stranger:
            with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
                stranger.ping()


def make_certificate(folder):
    """Write a certificate for 127.0.0.1 that vouches for itself; return its path and the key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(addresses, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
