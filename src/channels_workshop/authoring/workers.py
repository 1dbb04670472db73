"""Runs trials on all cores, each in a process that keeps its own servers warm."""

import atexit
import multiprocessing
import os
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor

from ..language import Language, current, speak
from ..serving.backstage import Backstage
from ..serving.lifeline import end_with_parent
from .trials import Outcome, Trial, run_trial

_backstage: Backstage


class Workers:
    """A pool of processes for trials. Use it as a context manager."""

    def __init__(self, count: int | None = None) -> None:
        self._pool = ProcessPoolExecutor(
            # Trials wait more than they work: a mistake is mostly shown by what does not come.
            count or 2 * (os.cpu_count() or 1),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(current(),),
        )

    def run(self, trials: Iterable[Trial], *, thorough: bool) -> list[Future[Outcome]]:
        """Begin all `trials` and return what will come of each, in their order."""
        return [self._pool.submit(_run, trial, thorough) for trial in trials]

    def close(self) -> None:
        """Drop what has not begun and end the processes."""
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _begin(language: Language) -> None:
    global _backstage
    end_with_parent()
    speak(language)
    _backstage = Backstage()
    _backstage.warm()
    atexit.register(_backstage.close)


def _run(trial: Trial, thorough: bool) -> Outcome:
    return run_trial(trial, _backstage, thorough=thorough)
