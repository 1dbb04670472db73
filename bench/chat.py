"""Fan-out in one room: lesson 06's chat, its overlay `further/fanout`, and a bare broadcast server.

Two closed-loop senders and 200 clients in one room. Each server is one process, on an embedded Redis
where it needs one; the load comes from a process of its own. Deliveries a second, the time from send
to delivery, and what was lost; medians of the rounds.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from channels_workshop.chat_checks.accounts import Accounts, bearer
from channels_workshop.course.copies import lay_further, write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.errors import WorkshopError
from channels_workshop.language import message
from channels_workshop.processes.children import Child
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.redis import STAND_IN
from channels_workshop.processes.supervised import start_supervised, stop_supervised
from channels_workshop.processes.supervisor import Supervisor

CLIENTS, SENDERS = 200, 2
ROUNDS, SECONDS = 3, 4

LOAD = Path(__file__).with_name("load")
#: A page of the project itself: its server is asked for no other.
ORIGIN = {"Origin": "http://127.0.0.1"}

#: Makes other options of those by which a project is served.
Prepare = Callable[[ServerOptions], ServerOptions]

PEER = "a bare websockets broadcast server"
CHAT = "the chat, a subscription for each client"
FANOUT = "further/fanout, a subscription for each process and room"


@dataclass
class Contestant:
    """A server that listens at `url`; what the load client has measured of it, round by round.

    `process` is the server's, where it is a project.
    """

    name: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    rounds: list[dict[str, float]] = field(default_factory=list)
    process: Child | None = None

    def median(self, what: str) -> float:
        """Return the median of the rounds: of `deliveries` a second, or `p99` in ms."""
        return statistics.median(measured[what] for measured in self.rounds)

    @property
    def lost(self) -> int:
        """Deliveries that never came, in all rounds together."""
        return int(sum(measured["lost"] for measured in self.rounds))


def measure(
    clients: int = CLIENTS, seconds: float = SECONDS, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Return the document that `bench chat --json` prints. Raises WorkshopError without a real Redis."""
    with ExitStack() as kept:
        supervisor = kept.enter_context(Supervisor())
        if supervisor.redis.kind == STAND_IN:
            raise WorkshopError(
                message("fakeredis, a stand-in: good for the checks, not for load figures"),
                message("Install redis-server or valkey-server to have the real one."),
            )
        room = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="workshop-")))
        lesson = find_lesson("06")
        for name in ("chat", "fanout"):
            write_project(lesson, room / name)
        lay_further(lesson, "fanout", room / "fanout")
        contestants = [
            kept.enter_context(_peer()),
            kept.enter_context(project(CHAT, room / "chat", supervisor)),
            kept.enter_context(project(FANOUT, room / "fanout", supervisor)),
        ]
        for _round in range(rounds):
            # In turns, so that whatever else the machine does falls on all of them alike.
            for contestant in contestants:
                contestant.rounds.append(carry_load(contestant, clients, seconds))
    peer, chat, fanout = contestants
    return {
        "version": 1,
        "name": "chat",
        "rows": [row for contestant in contestants for row in rows(contestant)]
        + [
            {"name": "the chat over the peer", "value": ratio(chat, peer), "unit": "×"},
            {"name": "fan-out over the chat", "value": ratio(fanout, chat), "unit": "×"},
        ],
        "ratio": ratio(fanout, peer),
        "peer": f"{PEER}, {clients} clients in one room, {SENDERS} closed-loop senders",
        "lost": sum(contestant.lost for contestant in contestants),
    }


@contextmanager
def _peer() -> Iterator[Contestant]:
    process = start_supervised([sys.executable, str(LOAD / "broadcast.py")], output=subprocess.PIPE)
    assert process.stdout
    try:
        port = int(process.stdout.readline())
        yield Contestant(PEER, f"ws://127.0.0.1:{port}/")
    finally:
        stop_supervised(process)
        process.stdout.close()


@contextmanager
def project(
    name: str, folder: Path, supervisor: Supervisor, prepared: Prepare = lambda options: options
) -> Iterator[Contestant]:
    """Serve a copy of lesson 06's project, by what `prepared` makes of its options."""
    # Messages are measured here. What two hundred connections do by the clock is another matter.
    environment = {
        "REDIS_URL": supervisor.redis.url,
        "PRESENCE_SECONDS": "600",
        "REVOKE_WITHIN": "600",
    }
    options = prepared(ServerOptions(environment=environment, migrate=True))
    server = supervisor.serve(folder, folder.with_suffix(".log"), options)
    try:
        headers = {**ORIGIN, **dict(bearer(Accounts(supervisor, folder).token("ann")))}
        yield Contestant(
            name, f"ws://127.0.0.1:{server.port}/ws/chat/tea/", headers, process=server.process
        )
    finally:
        server.stop()


def carry_load(contestant: Contestant, clients: int, seconds: float) -> dict[str, float]:
    """Let the load client loose on a server; return what it prints."""
    command = [sys.executable, str(LOAD / "client.py"), contestant.url]
    command += ["--clients", str(clients), "--senders", str(SENDERS), "--seconds", str(seconds)]
    for name, value in contestant.headers.items():
        command += ["--header", f"{name}={value}"]
    run = subprocess.run(command, capture_output=True, encoding="utf-8")
    if run.returncode:
        raise SystemExit(f"{contestant.name}\n{run.stdout}{run.stderr}")
    return json.loads(run.stdout)


def rows(contestant: Contestant) -> list[dict[str, Any]]:
    """Return what was measured of one."""
    name = contestant.name
    return [
        {
            "name": f"{name}: deliveries",
            "value": round(contestant.median("deliveries")),
            "unit": "1/s",
        },
        {"name": f"{name}: p99", "value": round(contestant.median("p99"), 1), "unit": "ms"},
        {"name": f"{name}: lost", "value": contestant.lost, "unit": ""},
    ]


def ratio(ours: Contestant, other: Contestant) -> float:
    """Return the median of the rounds' ratios: both of a round had the same machine."""
    pairs = zip(ours.rounds, other.rounds, strict=True)
    return round(statistics.median(a["deliveries"] / b["deliveries"] for a, b in pairs), 3)
