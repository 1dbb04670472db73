"""New processes of our own, started quickly: forked, where the system can, else spawned."""

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING

from ..language import _
from ..trouble import Trouble

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

#: macOS can fork too, but its own libraries do not bear it.
CAN_FORK = sys.platform == "linux"

#: Seconds after which a project that neither serves nor fails is given up.
START_PATIENCE = 60.0


class FailedToStart(Exception):
    """The project did not come up; `traceback` is what it raised or printed, as text."""

    def __init__(self, traceback: str) -> None:
        super().__init__(traceback)
        self.traceback = traceback


def start_child(
    target: Callable[..., None], *arguments: object, forks: bool = CAN_FORK
) -> tuple[BaseProcess, Connection]:
    """Call `target(pipe, *arguments)` in a new process; return it and our end of the pipe.

    Where it `forks`, everything in `preload` is imported there already. Raises Trouble where the
    system starts no further process.
    """
    context = _forking() if forks else multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs, *arguments), daemon=True)
    try:
        process.start()
    except OSError as error:
        raise Trouble(
            _("No further process can be started: {why}.", why=error.strerror),
            _("Close some programs and try again."),
        ) from None
    theirs.close()
    return process, ours


def _forking() -> "ForkServerContext | SpawnContext":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"{__package__}.preload"])
    return context
