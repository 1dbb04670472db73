"""A project behind an address that stays: it can be exchanged for another, or for itself anew."""

import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from ..language import _, current
from ..serving.starting import CAN_FORK, START_PATIENCE, start_child
from .ports import address_of
from .worker import GOODBYE, Job, work


class StartAbandoned(Exception):
    """The start of a project was given up, because something newer is to be served."""


class RunningProject:
    """Serves one project at a time on `listener`, in `workers` processes.

    What the project prints goes to `log`, or where this process prints. The processes end with
    this one, however it ends. `forks` tells whether the system can fork, which is quicker. Use it
    as a context manager, and but for `abandon_start` from one thread at a time.
    """

    def __init__(
        self,
        listener: socket.socket,
        log: Path | None = None,
        workers: int = 1,
        forks: bool = CAN_FORK,
    ) -> None:
        self._listener = listener
        self._log = log
        self._workers = workers
        self._forks = forks
        self._serving: list[_Process] = []
        self._starting: list[_Process] = []
        self._abandoned = False
        self._filled: set[Path] = set()
        self._variables: dict[str, str] = {}

    @property
    def address(self) -> str:
        """Where the project is, for a browser."""
        return address_of(self._listener)

    @property
    def sentinels(self) -> list[int]:
        """What becomes ready when one of the processes has ended."""
        return [served.process.sentinel for served in self._serving]

    def serve(self, project: Path, variables: Mapping[str, str] | None = None) -> str:
        """Serve `project` from now on, in place of what was served before.

        `variables` are added to the environment that it sees.

        Returns why it does not start, as the lines of a traceback that stand in the project, or
        an empty text. The address answers in either case. Raises StartAbandoned where
        `abandon_start` was called meanwhile; then what was served before still is.
        """
        self._abandoned = False
        self._variables = dict(variables or {})
        try:
            broken = self._load(project)
        except BaseException:
            self.abandon_start()
            raise
        if self._abandoned:
            raise StartAbandoned
        # Groups live in the memory of a process: never two projects behind one address.
        self._stop_serving()
        newcomers, self._starting = self._starting, []
        for newcomer in newcomers:
            newcomer.say_go()
        self._serving = newcomers
        return broken

    def abandon_start(self) -> None:
        """End a start that another thread waits for in `serve`: something newer is to be served."""
        self._abandoned = True
        for newcomer in self._starting:
            newcomer.process.kill()

    def _load(self, project: Path) -> str:
        """Start the processes; return why the project does not start, or an empty text."""
        self._starting = []
        for number in range(self._workers):
            newcomer = self._start(project, migrate=number == 0, demo=project not in self._filled)
            self._filled.add(project)
            if broken := newcomer.word():
                break
        if broken and not newcomer.process.is_alive() and not self._abandoned:
            # It has taken its process with it. Somebody has to say so at the address.
            self._starting = []
            self._start(project, broken=broken).word()
        return broken

    def _start(
        self, project: Path, migrate: bool = False, demo: bool = False, broken: str = ""
    ) -> "_Process":
        settings = {"DJANGO_SETTINGS_MODULE": "config.settings"}
        environment = {**os.environ, **settings, **self._variables}
        job = Job(project, environment, current(), self._log, migrate, demo, broken)
        newcomer = _Process(*start_child(work, job, self._listener, forks=self._forks))
        self._starting.append(newcomer)
        return newcomer

    def stop(self) -> None:
        """End the project: politely, then without asking."""
        self.abandon_start()
        self._stop_serving()

    def _stop_serving(self) -> None:
        for served in self._serving:
            served.process.terminate()
        for served in self._serving:
            served.process.join(GOODBYE + 1)
            if served.process.is_alive():  # an endless loop in a consumer hears no signal
                served.process.kill()
                served.process.join()
        self._serving = []

    def __enter__(self) -> "RunningProject":
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


@dataclass
class _Process:
    """A worker, and the pipe to it: it tells whether it has loaded, and waits to be let on."""

    process: BaseProcess
    pipe: Connection

    def word(self) -> str:
        """Wait for the project to load; return why it does not, or an empty text."""
        if not wait([self.pipe, self.process.sentinel], START_PATIENCE):
            self.process.kill()
            self.process.join()
            return _("The project has not loaded within {n:.0f} seconds.", n=START_PATIENCE)
        try:
            return str(self.pipe.recv())
        except (EOFError, OSError):
            self.process.join()
            return _("The process ended with exit code {code}.", code=self.process.exitcode)

    def say_go(self) -> None:
        """Let it serve."""
        with contextlib.suppress(OSError):  # it has ended meanwhile
            self.pipe.send(None)
        self.pipe.close()
