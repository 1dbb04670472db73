"""What open connections cost in the chat of lesson 06: memory, and time of the processor when idle.

`python docs/plots/capacity.py` measures one process of the chat with a Redis, and writes
`capacity.json`. The process reports on itself at /metrics, Redis by INFO: both on Linux alone. The
clients are in a process of their own; rooms have ten people, and once there is one for all.
"""

import asyncio
import json
import platform
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import httpx
import redis
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from channels_workshop.course.copies import lay_further, write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes.management import run_commands
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.project import ProjectServer
from channels_workshop.processes.supervisor import Supervisor

HERE = Path(__file__).parent
#: Before the first sample, so that what is imported and made only once is there.
WARM = 50
SOCKETS = 500
IN_A_ROOM = 10
#: Seconds: until what the joining has caused is over, and of the idleness that is measured.
SETTLE, IDLE = 5, 30
#: How many connect at the same time.
AT_ONCE = 20
#: With what compression the clients ask, in what environment the chat runs, how many share a room.
VARIANTS: dict[str, tuple[str | None, dict[str, str], int]] = {
    "plain": (None, {}, IN_A_ROOM),
    "compressed": ("deflate", {}, IN_A_ROOM),
    "seldom": (None, {"PRESENCE_SECONDS": "60"}, IN_A_ROOM),
    "one_room": (None, {}, WARM + SOCKETS),
}


def measure() -> dict[str, object]:
    """Return what `capacity.json` holds."""
    with Supervisor() as supervisor, tempfile.TemporaryDirectory() as room:
        project = Path(room) / "project"
        lesson = find_lesson("06")
        write_project(lesson, project)
        lay_further(lesson, "operate", project)  # which has /metrics
        environment = {"REDIS_URL": supervisor.redis.url}
        migrated, token = run_commands(
            project,
            [["migrate"], ["create_token", "ann", "--expires-in", "3600"]],
            environment,
        )
        assert migrated.exit_code == token.exit_code == 0, migrated.errors + token.errors
        measured: dict[str, object] = {
            "python": platform.python_version(),
            "redis": supervisor.redis.kind,
            "sockets": SOCKETS,
            "idle_seconds": IDLE,
        }
        for name, (compression, asked, in_a_room) in VARIANTS.items():
            log = Path(room) / f"{name}.log"
            options = ServerOptions(environment={**environment, **asked})
            server = supervisor.serve(project, log, options)
            with redis.Redis.from_url(supervisor.redis.url) as client:
                measured[name] = asyncio.run(
                    _hold(server, client, token.printed.strip(), compression, in_a_room)
                )
            server.stop()
        return measured


async def _hold(
    server: ProjectServer, client: redis.Redis, token: str, compression: str | None, in_a_room: int
) -> dict[str, float]:
    """Open the sockets, have them idle, drop them; return what that took."""
    at_once = asyncio.Semaphore(AT_ONCE)
    tabs, readers = [], []

    async def enter(number: int) -> None:
        url = f"ws://{server.host}:{server.port}/ws/chat/room{number // in_a_room}/"
        async with at_once:
            tab = await connect(
                url,
                origin=server.origin,
                additional_headers={"Authorization": f"Bearer {token}"},
                compression=compression,
                ping_interval=None,  # ours: the server's own go on
                open_timeout=60,
                proxy=None,
            )
            tabs.append(tab)
            readers.append(asyncio.create_task(_read(tab)))

    await asyncio.gather(*(enter(number) for number in range(WARM)))
    before = _process(server)
    begun = time.perf_counter()
    await asyncio.gather(*(enter(WARM + number) for number in range(SOCKETS)))
    joined = time.perf_counter() - begun
    await asyncio.sleep(SETTLE)
    held, redis_held = _process(server), _redis(client)
    await asyncio.sleep(IDLE)
    idle, redis_idle = _process(server), _redis(client)
    for tab in tabs:
        tab.transport.abort()
    await asyncio.gather(*readers)
    all_sockets = WARM + SOCKETS
    return {
        "kilobytes_a_socket": round((held["memory"] - before["memory"]) / SOCKETS / 1000, 1),
        "megabytes_before": round(before["memory"] / 1e6, 1),
        "joins_a_second": round(SOCKETS / joined),
        # Seconds of processor time for each second, for a thousand idle sockets.
        "idle_processor": round((idle["seconds"] - held["seconds"]) / IDLE * 1000 / all_sockets, 4),
        "redis_processor": round(
            (redis_idle["seconds"] - redis_held["seconds"]) / IDLE * 1000 / all_sockets, 4
        ),
        "redis_connections": redis_held["connections"] - 1,  # not ours
    }


async def _read(tab) -> None:
    with suppress(ConnectionClosed):
        async for _frame in tab:
            pass


def _process(server: ProjectServer) -> dict[str, float]:
    text = httpx.get(f"{server.origin}/metrics", trust_env=False, timeout=60).text
    families = text_string_to_metric_families(text)
    values = {sample.name: sample.value for family in families for sample in family.samples}
    return {
        "memory": values["process_resident_memory_bytes"],
        "seconds": values["process_cpu_seconds_total"],
    }


def _redis(client: redis.Redis) -> dict[str, float]:
    info = client.info()
    return {
        "seconds": info["used_cpu_user"] + info["used_cpu_sys"],
        "connections": info["connected_clients"],
    }


if __name__ == "__main__":
    text = json.dumps(measure(), indent=1) + "\n"
    (HERE / "capacity.json").write_text(text, encoding="utf-8", newline="\n")
