"""What lesson 06's page and the one on deployment say about software, and the proof that it is true.

Most proofs are in `statements/lesson_06.py`. They need Django's settings, which are global, so they
run together in one process of their own. What takes servers, nginx or a Redis of another kind is
proved by the tests that are named here. The programs of the page are run, and measured figures
compared with what the measuring programs have written.
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

from channels_workshop.course.catalogue import find_lesson
from channels_workshop.course.reference import write_project
from channels_workshop.serving.backstage import Backstage
from channels_workshop.serving.commands import run_commands
from channels_workshop.serving.redis import STAND_IN, find_program

REPOSITORY = Path(__file__).resolve().parents[1]
PROOFS = REPOSITORY / "tests" / "statements" / "lesson_06.py"
SNIPPETS = REPOSITORY / "docs" / "snippets" / "06_scaling_redis"
PLOTS = REPOSITORY / "docs" / "plots"
LESSON, DEPLOYMENT = "lessons/06_scaling_redis.md", "deployment.md"
LANGUAGES = ("en", "ru")
#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60

pytestmark = pytest.mark.skipif(
    find_program()[0] == STAND_IN,
    reason="a Redis is missing: install redis-server or valkey-server",
)

# Where it stands, what it says, what proves it: a proof, or a file of tests and the test.
STATEMENTS = [
    (
        LESSON,
        "in-memory",
        "A second process gets nothing through a layer in memory, and nobody is told.",
        "a_layer_in_memory_ends_with_its_process_and_says_nothing",
    ),
    (
        LESSON,
        "layers-table",
        "A layer over Redis reaches other processes.",
        "a_layer_over_redis_reaches_another_process",
    ),
    (
        LESSON,
        "layers-table",
        "Pub/sub has two connections to Redis, however many people there are.",
        "pubsub_has_two_connections_however_many_there_are",
    ),
    (
        LESSON,
        "idle-death",
        "Five seconds of silence end a consumer on the core layer: not cured, not on pub/sub.",
        "silence_kills_on_the_core_layer_and_on_no_other",
    ),
    (
        LESSON,
        "pool",
        "A hundred of two hundred get `MaxConnectionsError`: not cured, not on pub/sub.",
        "the_core_layer_lets_in_a_hundred_at_once",
    ),
    (
        LESSON,
        "capacity",
        "A hundred messages wait, the next are dropped; `send` raises `ChannelFull`.",
        "a_full_mailbox_drops_what_comes_and_a_subscription_keeps_it",
    ),
    (
        LESSON,
        "lost-at-goodbye",
        "What comes for others while somebody goes may be lost on the core layer; not on pub/sub.",
        "what_comes_while_somebody_goes_is_lost_on_the_core_layer",
    ),
    (
        LESSON,
        "over-capacity",
        "The core layer says `over capacity` on the level INFO.",
        "a_full_mailbox_drops_what_comes_and_a_subscription_keeps_it",
    ),
    (
        LESSON,
        "subscribed-once",
        "Each process subscribes once to a room; what is not fetched stays in the process.",
        "a_process_subscribes_to_a_room_once",
    ),
    (
        LESSON,
        "packed",
        "What msgpack or UTF-8 cannot say does not get through; in memory it does.",
        "an_event_is_packed_unless_it_stays_in_memory",
    ),
    (
        LESSON,
        "at-most-once",
        "What was published while nobody listened has never been.",
        "what_nobody_listens_to_is_gone",
    ),
    (
        LESSON,
        "rung-number",
        "A number in Redis outlives whoever raised it.",
        "a_number_outlives_whoever_raised_it",
    ),
    (
        LESSON,
        "rung-expire",
        "`EXPIRE` is for the whole key: who renews it keeps all members.",
        "expire_is_for_the_whole_key",
    ),
    (
        LESSON,
        "rung-sorted",
        "`ZREMRANGEBYSCORE` strikes off those whose moment has passed, and only them.",
        "a_score_is_for_each_member",
    ),
    (
        LESSON,
        "heartbeat",
        "Whoever comes next strikes off the expired.",
        "the_expired_are_struck_off_by_whoever_comes_next",
    ),
    (
        LESSON,
        "transaction",
        "Thirty who enter at once get thirty different counts; read, change, write leaves one.",
        "read_change_write_loses_and_a_transaction_does_not",
    ),
    (
        LESSON,
        "count-with-time",
        "The times of the counts are in the order in which they were counted.",
        "read_change_write_loses_and_a_transaction_does_not",
    ),
    (
        LESSON,
        "away-table",
        "With Redis away: who is in, who comes, what is said; afterwards all works again.",
        "tests/test_many_processes.py::test_two_browsers_on_two_processes",
    ),
    (
        LESSON,
        "redis-error",
        "redis-py's errors are its own; their common ancestor is `RedisError`.",
        "the_errors_of_redis_py_are_its_own",
    ),
    (
        LESSON,
        "first-second",
        "Whoever publishes is back at once, whoever listens a moment later; in between all is lost.",
        "the_layer_subscribes_again_and_what_was_sent_before_is_lost",
    ),
    (
        LESSON,
        "old-connection",
        "A connection from before a restart fails when it is used; with a retry it does not.",
        "an_old_connection_fails_once_after_a_restart",
    ),
    (
        LESSON,
        "on-commit-when",
        "`on_commit` calls after the commit, never after a roll-back, at once without either.",
        "on_commit_is_after_the_commit_and_never_without_one",
    ),
    (
        LESSON,
        "robust",
        "What it raises comes out of the `with`; with `robust=True` it goes to the log.",
        "a_robust_one_keeps_its_error_to_the_log",
    ),
    (
        LESSON,
        "bridge",
        "Each `async_to_sync` has a loop of its own, with a connection that is closed with it.",
        "synchronous_code_sends_by_a_loop_of_its_own",
    ),
    (
        LESSON,
        "hosts",
        "`hosts` is a list, even of one.",
        "one_address_is_no_list",
    ),
    (
        LESSON,
        "before-connect",
        "Channels asks the layer for a channel before it calls `connect`.",
        "channels_asks_for_a_channel_before_it_calls_connect",
    ),
    (
        LESSON,
        "mistake-hosts",
        "`ValueError: You must pass a list of Redis hosts`.",
        "one_address_is_no_list",
    ),
    (
        LESSON,
        "mistake-called",
        "`on_commit()'s callback must be a callable`.",
        "the_result_of_a_call_is_no_function",
    ),
    (
        LESSON,
        "never-commits",
        "In a `TestCase` nothing is committed; `captureOnCommitCallbacks` runs what would be.",
        "a_test_in_a_transaction_never_commits",
    ),
    (
        LESSON,
        "roll-call",
        "Six times 3 people in 6 tabs.",
        "tests/test_statements_06.py::test_the_roll_call_is_the_same_on_two_processes",
    ),
    (
        LESSON,
        "break-it-commands",
        "Two processes that can be killed, started, restarted; a Redis that can be away.",
        "tests/test_statements_06.py::test_the_chat_can_be_broken_as_the_page_says",
    ),
    (
        LESSON,
        "fan-out-pitfalls",
        "Two who are first at once subscribe once.",
        "tests/test_fanout.py::test_two_who_are_first_at_once_subscribe_once",
    ),
    (
        LESSON,
        "fan-out-pitfalls",
        "Nobody waits for a slow one, who catches up.",
        "tests/test_fanout.py::test_nobody_waits_for_a_slow_one_who_misses_nothing",
    ),
    (
        LESSON,
        "fan-out-pitfalls",
        "Whoever falls too far behind is let go.",
        "tests/test_fanout.py::test_whoever_is_too_far_behind_is_let_go",
    ),
    (
        DEPLOYMENT,
        "what-is-tested",
        "compose.yaml is held against the schema of the specification.",
        "tests/test_deploy.py::test_compose_keeps_to_the_schema",
    ),
    (
        DEPLOYMENT,
        "what-is-tested",
        "The Dockerfile's command is run, behind nginx.",
        "tests/test_deploy.py::test_the_images_command_serves_behind_nginx",
    ),
    (
        DEPLOYMENT,
        "no-upgrade-headers",
        "Without the two headers the server sees a plain request and answers 404.",
        "tests/test_nginx.py::test_without_the_upgrade_headers_it_is_404",
    ),
    (
        DEPLOYMENT,
        "read-timeout",
        "A quiet connection is cut after `proxy_read_timeout`; the browser is told 1006.",
        "tests/test_nginx.py::test_a_read_timeout_below_the_ping_interval_cuts_the_quiet",
    ),
    (
        DEPLOYMENT,
        "pings-count",
        "A ping within the read timeout keeps a quiet connection.",
        "tests/test_nginx.py::test_pings_within_the_read_timeout_keep_the_quiet",
    ),
    (
        DEPLOYMENT,
        "lost-and-back",
        "Whoever was on a lost process comes back on the other.",
        "tests/test_nginx.py::test_whoever_was_on_a_killed_server_comes_back_on_the_other",
    ),
    (
        DEPLOYMENT,
        "lost-and-back",
        "With both lost, 502.",
        "tests/test_nginx.py::test_both_lost_is_502_and_one_back_is_enough",
    ),
    (
        DEPLOYMENT,
        "metrics-hidden",
        "/metrics is 404 from outside.",
        "tests/test_nginx.py::test_pages_get_through_and_metrics_do_not",
    ),
    (
        DEPLOYMENT,
        "forwarded",
        "What a client claims of itself goes nowhere.",
        "tests/test_nginx.py::test_what_a_client_claims_of_itself_is_not_passed_on",
    ),
    (
        DEPLOYMENT,
        "managed",
        "Only the address changes; the certificate is verified.",
        "tests/test_redis_elsewhere.py::test_over_tls_with_a_password",
    ),
    (
        DEPLOYMENT,
        "sentinel",
        "A replica follows a master that is lost, and the chat follows it.",
        "tests/test_redis_elsewhere.py::test_a_replica_follows_a_master_that_is_lost",
    ),
    (
        DEPLOYMENT,
        "cluster",
        "What is published at one node reaches all; a key of another is answered MOVED.",
        "tests/test_redis_elsewhere.py::test_any_node_of_a_cluster_reaches_all",
    ),
    (
        DEPLOYMENT,
        "shards",
        "Each of the `hosts` is a shard, a room always on the same one.",
        "each_host_is_a_shard_and_a_room_is_always_on_the_same",
    ),
    (
        DEPLOYMENT,
        "restart-1012",
        "At SIGTERM uvicorn tells its clients 1012.",
        "tests/test_nginx.py::test_a_restart_is_told_to_the_clients",
    ),
    (
        DEPLOYMENT,
        "healthz",
        "/healthz is 503 without Redis, else 200.",
        "healthz_is_503_without_redis",
    ),
    (
        DEPLOYMENT,
        "metrics",
        "The client library tells what the process uses on Linux alone.",
        "what_the_process_uses_is_told_on_linux_alone",
    ),
    (
        DEPLOYMENT,
        "idle-costs",
        "The figures are those that docs/plots/capacity.py has measured.",
        "tests/test_statements_06.py::test_the_page_has_the_measured_capacity",
    ),
    (
        DEPLOYMENT,
        "deliveries",
        "The figures are those that `bench chat` has measured.",
        "tests/test_statements_06.py::test_the_page_has_the_measured_deliveries",
    ),
    (
        DEPLOYMENT,
        "redis-buffer",
        "Redis drops who does not fetch: at 32 MB at once, at 8 MB for a minute.",
        "redis_drops_a_process_that_does_not_read",
    ),
]


def text_of(page: str, language: str) -> str:
    return (REPOSITORY / "docs" / language / page).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def verdicts() -> dict[str, str | None]:
    """Each proof's name, with None or the traceback of its failure."""
    run = subprocess.run(
        [sys.executable, str(PROOFS)], capture_output=True, text=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize(
    ("page", "anchor", "says", "proof"),
    STATEMENTS,
    ids=[f"{anchor}-{proof}" for _, anchor, _, proof in STATEMENTS],
)
def test_statement(page, anchor, says, proof, verdicts):
    file, is_elsewhere, test = proof.partition("::")
    if is_elsewhere:
        # It is run where it stands: here, that it is there.
        assert re.search(rf"^(async )?def {test}\(", (REPOSITORY / file).read_text("utf-8"), re.M)
    else:
        assert verdicts[proof] is None, f"{page}#{anchor}: {says}\n\n{verdicts[proof]}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", [LESSON, DEPLOYMENT])
def test_every_statement_has_its_place_on_the_page(page, language):
    anchors = set(re.findall(r"\{ #([\w-]+)", text_of(page, language)))
    assert {anchor for place, anchor, _, _ in STATEMENTS if place == page} <= anchors


def test_every_proof_belongs_to_a_statement(verdicts):
    assert set(verdicts) == {proof for *_, proof in STATEMENTS if "::" not in proof}


# ---- The programs of the page


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory):
    """Two processes of the finished chat, with the people of `demo`."""
    room = tmp_path_factory.mktemp("chat")
    project = room / "project"
    with Backstage() as backstage:
        write_project(find_lesson("06"), project)
        environment = {"REDIS_URL": backstage.redis.url}
        for ran in run_commands(project, [["migrate", "--verbosity", "0"], ["demo"]], environment):
            assert ran.exit_code == 0, ran.errors
        servers = [
            backstage.serve(project, room / f"{number}.log", environment=environment)
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
    # “Four to six times as much as the chat”, and a bare server “ahead by two to four times”.
    (more,) = (row["value"] for row in measured["rows"] if row["name"] == "fan-out over the chat")
    assert 4 <= more <= 6
    assert 2 <= 1 / measured["ratio"] <= 4
