"""Starts server processes quickly.

Where the system can fork, a parent that has everything imported forks each server; elsewhere one
spare process, with the same imports done, waits for the next order while the last one is served.
"""

import multiprocessing
import sys
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING

from ..language import _
from ..trouble import Trouble
from .child import Order, wait_for_order

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

#: Seconds after which a project that neither serves nor fails is given up.
START_PATIENCE = 60.0


class FailedToStart(Exception):
    """The project did not come up; `traceback` is what it raised, as text."""

    def __init__(self, traceback: str) -> None:
        super().__init__(traceback)
        self.traceback = traceback


class Launcher:
    """Keeps the next server process at hand. Use it as a context manager, or `close` it."""

    def __init__(self, forks: bool = sys.platform == "linux") -> None:
        self._context: ForkServerContext | SpawnContext
        if forks:
            self._context = multiprocessing.get_context("forkserver")
            self._context.set_forkserver_preload(["channels_workshop.serving.preload"])
        else:
            self._context = multiprocessing.get_context("spawn")
        self._spare: tuple[BaseProcess, Connection] | None = None

    def warm(self) -> None:
        """Begin the slow half of the next start now, in the background."""
        if self._spare is None:
            self._spare = self._start_process()

    def serve(self, order: Order) -> tuple[BaseProcess, int]:
        """Return the process that serves `order` and the port that it accepts on.

        Raises FailedToStart with the project's own traceback where it does not come up.
        """
        self.warm()
        assert self._spare is not None
        (process, pipe), self._spare = self._spare, None
        pipe.send(order)
        if not wait([pipe, process.sentinel], START_PATIENCE):
            process.kill()
            raise FailedToStart(_("It neither served nor failed for {n:.0f} s.", n=START_PATIENCE))
        try:
            word, content = pipe.recv()
        except (EOFError, ConnectionResetError):
            process.join()
            raise FailedToStart(
                _("The process ended with exit code {code}.", code=process.exitcode)
            ) from None
        finally:
            pipe.close()
        if word == "failed":
            process.join()
            raise FailedToStart(content)
        return process, content

    def _start_process(self) -> tuple[BaseProcess, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=wait_for_order, args=(theirs,), daemon=True)
        try:
            process.start()
        except OSError as error:
            raise Trouble(
                _("No further process can be started: {why}.", why=error.strerror),
                _("Close some programs and try again."),
            ) from None
        theirs.close()
        return process, ours

    def close(self) -> None:
        """End the spare process, if there is one."""
        if self._spare is not None:
            process, pipe = self._spare
            pipe.close()
            process.kill()
            process.join()
            self._spare = None

    def __enter__(self) -> "Launcher":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
