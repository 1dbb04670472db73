"""A project behind an address that stays: it can be exchanged for another, or for itself anew."""

import multiprocessing
import os
import socket
import sys
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from ..language import _, current
from ..trouble import Trouble
from .ports import address_of
from .worker import GOODBYE, Job, work

#: Seconds after which a project that has not loaded is given up.
_PATIENCE = 60


class RunningProject:
    """Serves one project at a time on `listener`, in `workers` processes.

    What the project prints goes to `log`, or where this process prints. The processes end with
    this one, however it ends. Use it from one thread at a time, as a context manager.
    """

    def __init__(self, listener: socket.socket, log: Path | None = None, workers: int = 1) -> None:
        if sys.platform == "linux":
            self._context = multiprocessing.get_context("forkserver")
            self._context.set_forkserver_preload(["channels_workshop.serving.preload"])
        else:
            self._context = multiprocessing.get_context("spawn")
        self._listener = listener
        self._log = log
        self._workers = workers
        self._processes: list[BaseProcess] = []

    @property
    def address(self) -> str:
        """Where the project is, for a browser."""
        return address_of(self._listener)

    @property
    def sentinels(self) -> list[int]:
        """What becomes ready when one of the processes has ended."""
        return [process.sentinel for process in self._processes]

    def serve(self, project: Path) -> str:
        """Serve `project` from now on, in place of what was served before.

        Returns why it does not start, as the lines of a traceback that stand in the project, or
        an empty text. The address answers in either case.
        """
        broken = ""
        newcomers: list[tuple[BaseProcess, Connection]] = []
        for number in range(self._workers):
            process, pipe = self._start(project, prepare=number == 0)
            newcomers.append((process, pipe))
            broken = broken or self._word_of(process, pipe)
        # Groups live in the memory of a process: never two projects behind one address.
        self.stop()
        self._processes = [process for process, pipe in newcomers]
        for process, pipe in newcomers:
            _say_go(pipe)
        return broken

    def _start(self, project: Path, prepare: bool) -> tuple[BaseProcess, Connection]:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
        job = Job(project, environment, current(), self._log, prepare)
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=work, args=(job, self._listener, theirs), daemon=True
        )
        try:
            process.start()
        except OSError as error:
            raise Trouble(
                _("No further process can be started: {why}.", why=error.strerror),
                _("Close some programs and try again."),
            ) from None
        theirs.close()
        return process, ours

    def _word_of(self, process: BaseProcess, pipe: Connection) -> str:
        if not wait([pipe, process.sentinel], _PATIENCE):
            process.kill()
            return _("The project has not loaded within {n} seconds.", n=_PATIENCE)
        try:
            return str(pipe.recv())
        except (EOFError, OSError):
            process.join()
            return _("The process ended with exit code {code}.", code=process.exitcode)

    def stop(self) -> None:
        """End the project: politely, then without asking."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(GOODBYE + 1)
            if process.is_alive():  # an endless loop in a consumer hears no signal
                process.kill()
                process.join()
        self._processes = []

    def __enter__(self) -> "RunningProject":
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


def _say_go(pipe: Connection) -> None:
    try:
        pipe.send(None)
    except OSError:  # it has ended meanwhile
        pass
    pipe.close()
