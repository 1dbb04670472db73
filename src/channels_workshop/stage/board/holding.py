"""`class`: holds a class until Ctrl-C, and goes on with it after whatever has ended the board."""

import contextlib
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from socket import socket

from ...errors import WorkshopError
from ...language import current, message
from ...learner import workspace_root
from ...processes.children import start_child
from ...processes.network import SharedHost
from ...processes.ports import address_of, port_of
from ...processes.redis import PeoplesRedis, redis_for_people
from ..serving import listeners_at
from .board import CLASS, INSTRUCTOR
from .course import Course, course_here
from .joining.address import PORT
from .ledger import Ledger
from .seats import Seats
from .summary import Summary, summary
from .worker import Served, serve, serve_as_child

#: Seconds after the last word of a class within which a board that is started goes on with it.
_SAME_CLASS = 12 * 3600
#: Workers that may end by themselves in one class: more are no accident.
_MOST_ENDED = 20
#: Seconds that a worker gets to end.
_GOODBYE = 5.0
#: Seconds after which a Redis that has ended is seen to have.
_LOOK_AT_REDIS = 1.0


@dataclass(frozen=True)
class Addresses:
    """Where everything is. `board`, with its code, is for whoever teaches; `join` for all others.

    `typed` is how a learner names the class, `goes_on` whether it was held before, by so many
    `learners`.
    """

    board: str
    join: str
    typed: str
    access: str
    learners: int
    goes_on: bool


class Terminal:
    """Whoever typed `class`: is told what happens."""

    def redis_chosen(self, redis: PeoplesRedis) -> None:
        """Several workers call each other over this one."""

    def opened(self, addresses: Addresses) -> None:
        """The board is about to be served."""

    def worker_ended(self) -> None:
        """A worker has ended by itself; another one takes its place."""

    def redis_ended(self) -> None:
        """Redis, which we had started, has ended by itself; another one takes its place."""


def hold_class(
    host: SharedHost | None, port: int | None, workers: int, is_new: bool, terminal: Terminal
) -> None:
    """Hold a class until Ctrl-C: the last one, if it was just now and not `is_new`, else a new one.

    Others reach it at `host`. It stays on the port that it had, on which learners look for it. Raises
    WorkshopError where that is taken.
    """
    file = (None if is_new else _recent()) or _new_file()
    with ExitStack() as kept:
        ledger = kept.enter_context(contextlib.closing(Ledger(file)))
        before = int(ledger.about("port") or 0)
        wanted = port or before
        listeners = list(listeners_at(wanted or PORT, host, exactly=bool(wanted)))
        for listener in listeners:
            kept.enter_context(listener)
        if port_of(listeners[0]) != before:
            ledger.note("port", str(port_of(listeners[0])))
        terminal.opened(_addresses(ledger, listeners[0], host))
        hosts = tuple({host.name, host.address}) if host else ()
        served = Served(file, hosts, current(), _place(listeners[0], host))
        if workers == 1:
            serve(served, listeners)
            return
        redis = kept.enter_context(redis_for_people())
        terminal.redis_chosen(redis)
        served = replace(served, redis=redis.url)
        with contextlib.suppress(KeyboardInterrupt):
            _serve_in_several(served, listeners, workers, redis, terminal)


def summary_of_last() -> Summary:
    """Return what can be said of the class that was held last. Raises WorkshopError without one."""
    files = _files()
    if not files:
        raise WorkshopError(
            message("No class was held in this workspace yet."),
            message("Hold one: the verb `class`, without --summary."),
        )
    return summary_of(files[-1], course_here())


def summary_of(file: Path, course: Course) -> Summary:
    """Return what can be said of the class in the ledger `file`."""
    with contextlib.closing(Ledger(file)) as ledger:
        seats, events = Seats(), list(ledger.events())
        seats.admit(ledger.learners())
        for event in events:
            seats.add(event)
        return summary(seats, events, course)


def _serve_in_several(
    served: Served,
    listeners: Sequence[socket],
    workers: int,
    redis: PeoplesRedis,
    terminal: Terminal,
) -> None:
    running: list[BaseProcess] = []
    ended = 0
    try:
        while True:
            if ended > _MOST_ENDED:
                raise WorkshopError(
                    message("The processes of the board end again and again."),
                    message("What they said is above. Nothing is lost: try --workers 1."),
                )
            while len(running) < workers:
                process, _pipe = start_child(serve_as_child, served, listeners)
                running.append(process)
            wait([process.sentinel for process in running], _LOOK_AT_REDIS)
            if redis.revive():
                ended += 1
                terminal.redis_ended()
            alive = [process for process in running if process.is_alive()]
            for _each in range(len(running) - len(alive)):  # several may have ended at once
                ended += 1
                terminal.worker_ended()
            running = alive
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.join(_GOODBYE)
            process.kill()


def _addresses(ledger: Ledger, listener: socket, host: SharedHost | None) -> Addresses:
    code, access = ledger.code(CLASS).text, ledger.code(INSTRUCTOR).text
    own = address_of(listener)
    shared = address_of(listener, host.name) if host else own
    learners = len(ledger.learners())
    return Addresses(
        board=f"{own}{current()}/board/?code={access}",
        join=f"{shared}{current()}/?code={code}",
        typed=f"{_place(listener, host)}/{code}",
        access=access,
        learners=learners,
        goes_on=learners > 0,
    )


def _place(listener: socket, host: SharedHost | None) -> str:
    """Return the host and the port by which learners find the class."""
    shared = address_of(listener, host.name) if host else address_of(listener)
    return shared.removeprefix("http://").rstrip("/")


def _folder() -> Path:
    return workspace_root() / "class" / "held"


def _files() -> list[Path]:
    """Return the ledgers of all classes, in the order in which they were begun."""
    return sorted(_folder().glob("*.sqlite3"))


def _recent() -> Path | None:
    """Return the ledger of the last class if it was just now."""
    files = _files()
    if not files:
        return None
    beside = [files[-1], files[-1].with_name(f"{files[-1].name}-wal")]
    last_word = max(file.stat().st_mtime for file in beside if file.exists())
    return files[-1] if time.time() - last_word < _SAME_CLASS else None


def _new_file() -> Path:
    return _folder() / f"{datetime.now():%Y-%m-%d-%H%M%S}.sqlite3"
