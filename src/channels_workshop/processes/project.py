"""A Django project as a real server process."""

from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from socket import socket

from ..language import message
from . import project_process
from .children import CAN_FORK, START_LIMIT, FailedToStart, start_child
from .options import ServerOptions, project_environment


@dataclass
class ProjectServer:
    """A project that accepts connections at `host:port` until it is stopped."""

    process: BaseProcess
    port: int
    project: Path
    log: Path
    host: str = "127.0.0.1"

    @property
    def origin(self) -> str:
        """What a page served from here sends as its `Origin`."""
        return f"http://{self.host}:{self.port}"

    def log_size(self) -> int:
        """Return how many bytes the server has printed so far."""
        return self.log.stat().st_size

    def log_since(self, position: int) -> str:
        """Return what the server has printed after its first `position` bytes."""
        with self.log.open("rb") as file:
            file.seek(position)
            return file.read().decode("utf-8", "replace")

    def stop(self) -> None:
        """End the process at once, without ceremony, and wait for it."""
        self.process.kill()
        self.process.join()


class ProjectProcess:
    """A process that becomes a project's server, step by step: `load`, then `serve`.

    It listens on `listener`, else on a free loopback port.
    """

    def __init__(self, listener: socket | None = None, forks: bool = CAN_FORK) -> None:
        self.process, self._pipe = start_child(project_process.run, listener, forks=forks)

    def load(
        self, project: Path, log: Path | None, options: ServerOptions, failure: str = ""
    ) -> str:
        """Have it import the project; return why that fails (a traceback), or an empty text.

        `failure`: why the project is known not to start, or empty; then it is not tried.
        """
        try:
            self._pipe.send((project, project_environment(options), log, options, failure))
            return str(self._next_word())
        except (EOFError, OSError):
            return self._lost()

    def serve(self) -> int:
        """Have it accept connections; return the port. Raises FailedToStart."""
        try:
            self._pipe.send(None)
            word = self._next_word()
        except (EOFError, OSError):
            raise FailedToStart(self._lost()) from None
        if not isinstance(word, int):
            raise FailedToStart(word)
        self._pipe.close()
        return word

    def _next_word(self) -> int | str:
        if wait([self._pipe, self.process.sentinel], START_LIMIT):
            word: int | str = self._pipe.recv()
            return word
        self.kill()
        return str(message("It was not ready after {n:.0f} s.", n=START_LIMIT))

    def _lost(self) -> str:
        self.process.join()
        code = self.process.exitcode
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
