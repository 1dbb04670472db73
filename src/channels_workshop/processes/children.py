"""New processes of our own, started quickly: forked where the system can, else spawned.

Each ends when the process that started it is gone, however that one ended.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Protocol

from ..errors import WorkshopError
from ..language import message

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

#: macOS can fork too, but its own libraries crash in forked processes.
CAN_FORK = sys.platform == "linux"

#: Seconds after which a program that is neither ready nor has ended is given up.
START_LIMIT = 60.0


class Child(Protocol):
    """A process that was started here, wherever it runs: so much of multiprocessing's own."""

    @property
    def sentinel(self) -> int: ...
    @property
    def exitcode(self) -> int | None: ...
    def is_alive(self) -> bool: ...
    def join(self, timeout: float | None = None) -> None: ...
    def kill(self) -> None: ...
    def terminate(self) -> None: ...


class FailedToStart(Exception):
    """A program did not come up; `printed` is what it raised or printed, as text."""

    def __init__(self, printed: str) -> None:
        super().__init__(printed)
        self.printed = printed


def start_child(
    target: Callable[..., None], *arguments: object, forks: bool = CAN_FORK
) -> tuple[BaseProcess, Connection]:
    """Call `target(pipe, *arguments)` in a new process; return it and our end of the pipe.

    With `forks`, everything in `preload` is imported there already. Raises WorkshopError where the
    system starts no further process.
    """
    if forks:
        start_fork_server()
    context = _forking() if forks else multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(target, theirs, *arguments), daemon=False)
    try:
        process.start()
    except OSError as error:
        raise WorkshopError(
            message("The system cannot start another process: {why}.", why=error.strerror),
            message("Close some programs and try again."),
        ) from None
    theirs.close()
    return process, ours


def start_fork_server() -> None:
    """Begin to import what every project imports, in the background: the first start is quick."""
    if CAN_FORK:
        _forking()
        from multiprocessing import forkserver, resource_tracker

        resource_tracker.ensure_running()  # which unblocks what we block below
        # Ctrl-C reaches it, too, and while it imports it would die of that, with a traceback.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _forking() -> "ForkServerContext | SpawnContext":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"{__package__}.preload"])
    return context


def _run(target: Callable[..., None], pipe: Connection, *arguments: object) -> None:
    if CAN_FORK:  # see `start_fork_server`
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    target(pipe, *arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
