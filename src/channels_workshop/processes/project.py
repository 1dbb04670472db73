"""A Django project as a real server process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from socket import socket

from ..language import message
from . import project_process
from .children import CAN_FORK, START_LIMIT, Child, FailedToStart, start_child
from .options import ServerOptions, project_environment

#: Starts a process that calls a function with one end of a pipe; gives the process and our end.
Start = Callable[..., tuple[Child, Connection]]

#: Bytes of what a server process says. A traceback is shorter.
_LONGEST_WORD = 2**20
#: Seconds in which a process has ended that speaks no more.
_ENDS_IN = 5.0
#: No exit code is larger, on any system; and no port than that.
_CODES, _LAST_PORT = 2**32, 65535


def read_word(pipe: Connection, longest: int = _LONGEST_WORD) -> object:
    """Return the next word, JSON, of a process that runs a project's code.

    Raises EOFError or OSError where there is none; whatever it sends, nothing else comes of it.
    """
    try:
        return json.loads(pipe.recv_bytes(longest))
    except (ValueError, RecursionError):
        raise OSError("no word of ours") from None


def as_text(word: object) -> str:
    """Return a word that has to be a text, without halves of surrogate pairs: nobody could write it.

    Raises OSError where it is none.
    """
    if not isinstance(word, str):
        raise OSError("no word of ours")
    return word.encode("utf-8", "backslashreplace").decode()


def as_number(word: object, least: int = -_CODES, most: int = _CODES) -> int:
    """Return a word that has to be a number, by itself an exit code. Raises OSError where it is none."""
    if type(word) is not int or not least <= word <= most:
        raise OSError("no word of ours")
    return word


@dataclass
class ProjectServer:
    """A project that accepts connections at `host:port` until it is stopped.

    Where `socket` is given, it does so there alone, on a Unix socket; `host:port` is its name.
    """

    process: Child
    port: int
    project: Path
    log: Path
    host: str = "127.0.0.1"
    socket: Path | None = None
    is_stopped: bool = False

    @property
    def origin(self) -> str:
        """What a page served from here sends as its `Origin`."""
        return f"http://{self.host}:{self.port}"

    def log_size(self) -> int:
        """Return how many bytes the server has printed so far."""
        return self.log.stat().st_size

    def log_since(self, position: int) -> str:
        """Return what the server has printed after its first `position` bytes.

        Nothing, where it has made that file one that nobody may read.
        """
        try:
            with self.log.open("rb") as file:
                file.seek(position)
                return file.read().decode("utf-8", "replace")
        except PermissionError:
            return ""

    def stop(self) -> None:
        """End the process at once, without ceremony, and wait for it."""
        self.process.kill()
        self.process.join()
        self.is_stopped = True


class ProjectProcess:
    """A process that becomes a project's server, step by step: `load`, then `serve`.

    It listens on `listener`, else on a free loopback port. `start` starts it, where that is not done
    by `start_child`.
    """

    def __init__(
        self,
        listener: socket | None = None,
        forks: bool = CAN_FORK,
        *,
        start: Start | None = None,
    ) -> None:
        start = start or partial(start_child, forks=forks)
        self.process, self._pipe = start(project_process.run, listener)

    def load(
        self, project: Path, log: Path | None, options: ServerOptions, failure: str = ""
    ) -> str:
        """Have it import the project; return why that fails (a traceback), or an empty text.

        `failure`: why the project is known not to start, or empty; then it is not tried.
        """
        try:
            self._pipe.send((project, project_environment(options), log, options, failure))
            return as_text(self._next_word())
        except (EOFError, OSError):
            return self._lost()

    def serve(self) -> int:
        """Have it accept connections; return the port. Raises FailedToStart."""
        try:
            self._pipe.send(None)
            word = self._next_word()
            port = None if isinstance(word, str) else as_number(word, 0, _LAST_PORT)
        except (EOFError, OSError):
            raise FailedToStart(self._lost()) from None
        if port is None:
            raise FailedToStart(as_text(word))
        self._pipe.close()
        return port

    def _next_word(self) -> object:
        if wait([self._pipe, self.process.sentinel], START_LIMIT):
            return read_word(self._pipe)
        self.kill()
        return str(message("It was not ready after {n:.0f} s.", n=START_LIMIT))

    def _lost(self) -> str:
        self.process.join(_ENDS_IN)
        self.kill()  # or it has closed the pipe, say, and lives on
        code = self.process.exitcode
        if code is None:
            return str(message("The process has ended."))
        return str(message("The process ended with exit code {code}.", code=code))

    def kill(self) -> None:
        """End it at once and wait for it."""
        self.process.kill()
        self.process.join()

    def end(self, seconds: float) -> None:
        """End it politely; after so many seconds, at once."""
        self.process.terminate()
        self.process.join(seconds)
        if self.process.is_alive():  # an endless loop in a consumer hears no signal
            self.kill()

    def close(self) -> None:
        """End it at once, and close the pipe to it."""
        self._pipe.close()
        self.kill()
