"""Starts server processes quickly.

Where the system can fork, a parent that has everything imported forks each server; elsewhere one
spare process, with the same imports done, waits for the next order while the last one is served.
"""

from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from ..language import _
from .child import Order, wait_for_order
from .starting import CAN_FORK, START_PATIENCE, FailedToStart, start_child


class Launcher:
    """Keeps the next server process at hand. Use it as a context manager, or `close` it."""

    def __init__(self, forks: bool = CAN_FORK) -> None:
        self._forks = forks
        self._spare: tuple[BaseProcess, Connection] | None = None

    def warm(self) -> None:
        """Begin the slow half of the next start now, in the background."""
        if self._spare is None:
            self._spare = start_child(wait_for_order, forks=self._forks)

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
