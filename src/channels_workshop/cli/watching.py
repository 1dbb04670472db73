"""`check --watch`: a check at each save, until the person has had enough.

Saves, keys and the judge's events all arrive in one inbox, each from a thread of its own; what is
done about them is done in the main thread, one after the other.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import PurePosixPath
from queue import Empty, SimpleQueue
from typing import Protocol

from ..judging.events import Began, Ended, Event, Job, NotJudged, Printed
from ..judging.judge import Judge
from ..learner.attempt import Attempt
from ..learner.watch import changes
from .terminal.keys import key_presses
from .terminal.watching import PlainScreen, Screen, TerminalScreen

#: Seconds after which we look whether Ctrl-C was pressed: on Windows nothing else wakes us.
_LOOK_UP = 0.5


@dataclass(frozen=True)
class Saved:
    """Files of the learner were saved."""

    changed: list[PurePosixPath]


@dataclass(frozen=True)
class Pressed:
    """The person has pressed a key."""

    key: str


class Over:
    """A job has ended: its events have all come, or it was cancelled."""


Arrival = Saved | Pressed | Over | Event | Exception


class Judging(Protocol):
    """What is asked of a judge here."""

    def judge(self, job: Job) -> Iterable[Event]: ...

    def cancel(self) -> None: ...

    def warm_spare(self) -> None: ...


def watch_and_check(
    attempt: Attempt, judging: Judge, *, seed: int | None = None, verbose: bool = False
) -> int:
    """Check now and at each save until `q` or Ctrl-C; return the exit code of the last verdict."""
    from .terminal.console import console

    stop = threading.Event()
    # Counted from here: what is saved while the first check runs is seen as well.
    saves = changes(attempt.lesson, attempt.folder, stop)
    screen = TerminalScreen(verbose) if console.is_terminal else PlainScreen(verbose)
    watch = Watch(attempt, judging, screen, seed=seed)
    try:
        with ExitStack() as kept:
            if console.is_terminal:
                screen.has_keys = kept.enter_context(key_presses(watch.press))
            watch.follow_saves(saves)
            watch.run()
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        screen.close()
    return watch.exit_code


class Watch:
    """Checks `attempt` whenever something is saved; what is being checked then is given up."""

    def __init__(
        self, attempt: Attempt, judging: Judging, screen: Screen, *, seed: int | None = None
    ) -> None:
        self.exit_code = 1
        self._attempt = attempt
        self._judging = judging
        self._screen = screen
        self._seed = seed
        self._inbox: SimpleQueue[Arrival] = SimpleQueue()
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._is_busy = False  # a job was handed over, and is not over
        self._has_begun = False
        self._is_wanted = False  # one more check, as soon as the judge is free
        self._changed: set[PurePosixPath] = set()

    def press(self, key: str) -> None:
        """Take a key; from any thread."""
        self._inbox.put(Pressed(key))

    def save(self, changed: list[PurePosixPath]) -> None:
        """Take a save; from any thread."""
        self._inbox.put(Saved(changed))

    def follow_saves(self, saves: Iterable[list[PurePosixPath]]) -> None:
        """Take every save from `saves`, in a thread of its own."""

        def follow() -> None:
            for changed in saves:
                self.save(changed)

        self._start_thread(follow)

    def run(self) -> None:
        """Check, and check again, until the person quits. Raises what a thread has raised."""
        self._start_thread(self._judge_jobs)
        self._screen.opened(self._attempt)
        self._check([])
        while True:
            arrival = self._next()
            if isinstance(arrival, Exception):
                raise arrival
            if isinstance(arrival, Pressed):
                if arrival.key == "q":
                    return
                self._pressed(arrival.key)
            elif isinstance(arrival, Saved):
                self._check(arrival.changed)
            elif isinstance(arrival, Over):
                self._is_busy = False
                if self._is_wanted:
                    self._begin()
            else:
                self._heard(arrival)

    def _next(self) -> Arrival:
        while True:
            try:
                return self._inbox.get(timeout=_LOOK_UP)
            except Empty:
                continue

    def _pressed(self, key: str) -> None:
        if key == "r":
            self._check([])
        else:
            self._screen.pressed(key)

    def _check(self, changed: list[PurePosixPath]) -> None:
        """Check as soon as possible; whatever is being checked is outdated."""
        self._changed.update(changed)
        self._is_wanted = True
        if not self._is_busy:
            self._begin()
        elif self._has_begun:
            self._cancel()

    def _begin(self) -> None:
        self._is_wanted, self._is_busy, self._has_begun = False, True, False
        self._screen.checking(sorted(self._changed))
        self._changed.clear()
        self._jobs.put(self._attempt.job(seed=self._seed))

    def _cancel(self) -> None:
        self._has_begun = False  # once is enough
        self._judging.cancel()

    def _heard(self, event: Event) -> None:
        if isinstance(event, Began):
            self._has_begun = True
            if self._is_wanted:  # a save came before the judge was at work
                self._cancel()
        if self._is_wanted:
            return
        if isinstance(event, Ended):
            judged = self._attempt.judged(event.verdict)
            self.exit_code = 0 if event.verdict.status == "pass" else 1
            self._screen.judged(self._attempt, judged)
        elif isinstance(event, NotJudged):
            self.exit_code = 1
            self._screen.not_judged(event.message, event.fix)
        elif isinstance(event, Printed):
            self._screen.printed(event.lines)
        else:
            self._screen.heard(event)

    def _judge_jobs(self) -> None:
        while True:
            for event in self._judging.judge(self._jobs.get()):
                self._inbox.put(event)
            self._inbox.put(Over())
            self._judging.warm_spare()

    def _start_thread(self, work: Callable[[], None]) -> None:
        threading.Thread(target=self._guarded, args=(work,), daemon=True).start()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._inbox.put(error)
