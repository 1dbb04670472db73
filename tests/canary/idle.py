"""Sockets that are idle for eight seconds: on each Redis channel layer, and in lessons.

    python tests/canary/idle.py 03_chat_consumer ...

With the versions that are installed where it runs. Prints one JSON document: a list of
`{"name", "must_hold", "held", "outcome"}`; `outcome` is what became of the socket. On the day on
which `held` is not what the pages say, somebody has to look: see `canary.py`.
"""

import asyncio
import contextlib
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from channels_workshop import REPOSITORY
from channels_workshop.chat_checks.accounts import Accounts, bearer
from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.project import ProjectServer
from channels_workshop.processes.redis import STAND_IN
from channels_workshop.processes.supervisor import Supervisor

#: Seconds. channels_redis waits for five at a time, and so does redis-py 8, once.
IDLE = 8
#: Seconds within which what is said is heard.
PATIENCE = 20

CORE = "channels_redis.core.RedisChannelLayer"
PUB_SUB = "channels_redis.pubsub.RedisPubSubChannelLayer"
#: What the pages say of each: the first three are fit for use, the last is the trap.
LAYERS = {
    "pub/sub": (PUB_SUB, "{url}"),
    "core, socket_timeout None": (CORE, {"address": "{url}", "socket_timeout": None}),
    "core, ?socket_timeout=30": (CORE, "{url}?socket_timeout=30"),
    "core": (CORE, "{url}"),
}
TRAPS = {"core"}

CHAT = REPOSITORY / "tests" / "small_chat"


@dataclass
class Held:
    """A server, and what became of the socket that was idle there."""

    name: str
    server: ProjectServer
    headers: dict[str, str] = field(default_factory=dict)
    must_hold: bool = True
    held: bool = False
    outcome: str = ""

    def document(self) -> dict[str, object]:
        """Return it as it is printed."""
        return {
            "name": self.name,
            "must_hold": self.must_hold,
            "held": self.held,
            "outcome": self.outcome,
        }


async def hold(held: Held) -> None:
    """Be idle, and note what became of that."""
    begun = time.monotonic()
    try:
        address = held.server.origin.replace("http:", "ws:") + "/ws/chat/tea/"
        async with connect(
            address,
            origin=held.server.origin,
            additional_headers=held.headers,
            proxy=None,
            ping_interval=None,
        ) as socket:
            await say_and_hear(socket, "before")
            begun = time.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE):
                    while True:
                        await socket.recv()
            await say_and_hear(socket, "after")
            held.held = True
            held.outcome = f"heard again after {time.monotonic() - begun:.0f} s"
    except (WebSocketException, OSError, TimeoutError) as error:
        held.outcome = f"{error or type(error).__name__} after {time.monotonic() - begun:.1f} s"
        if why := re.findall(
            r"^[\w.]+(?:Error|Exception|Timeout)\b.*", held.server.log_since(0), re.M
        ):
            held.outcome += f"; the server: {why[-1][:200]}"


async def say_and_hear(socket, text: str) -> None:
    """Say something until it comes back: a subscription takes a moment to be at Redis."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await socket.send(json.dumps({"message": text}))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    while json.loads(await socket.recv()).get("message") != text:
                        pass
                    return


@contextlib.contextmanager
def serving(lessons: list[str]) -> Iterator[list[Held]]:
    """Serve the small chat on each layer, and each lesson's reference."""
    with contextlib.ExitStack() as kept:
        supervisor = kept.enter_context(Supervisor())
        room = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="workshop-")))
        redis = supervisor.redis
        started: list[Held] = []

        options = ServerOptions(environment={"REDIS_URL": redis.url})

        def serve(name: str, project: Path, options: ServerOptions) -> Held:
            server = supervisor.serve(project, room / f"{len(started)}.log", options)
            kept.callback(server.stop)
            started.append(Held(name, server))
            return started[-1]

        for number, (name, (backend, host)) in enumerate(LAYERS.items()):
            project = room / f"layer{number}"
            shutil.copytree(CHAT, project)
            hosts = json.loads(json.dumps([host]).replace("{url}", redis.url))
            layers = {"default": {"BACKEND": backend, "CONFIG": {"hosts": hosts}}}
            (project / "config" / "idle.py").write_text(
                f"from config.settings import *\n\nCHANNEL_LAYERS = {layers!r}\n", encoding="utf-8"
            )
            held = serve(f"{name} layer", project, replace(options, settings="config.idle"))
            held.must_hold = name not in TRAPS and (redis.kind != STAND_IN or backend == PUB_SUB)
        for name in lessons:
            project = room / name
            write_project(find_lesson(name), project)
            held = serve(f"lesson {name}", project, replace(options, migrate=True))
            if (project / "accounts").is_dir():
                held.headers = dict(bearer(Accounts(supervisor, project).token("ann")))
        yield started


async def hold_all(sockets: list[Held]) -> None:
    await asyncio.gather(*map(hold, sockets))


def main() -> None:
    with serving(sys.argv[1:]) as sockets:
        asyncio.run(hold_all(sockets))
        print(json.dumps([held.document() for held in sockets]))


if __name__ == "__main__":
    main()
