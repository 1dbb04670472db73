"""Runs trials and mutants on all cores: each thread has a warm judging process of its own."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from ..judging.judge import Judge
from .trials import Outcome, Trial, run_trial

Result = TypeVar("Result")


class Workers:
    """A pool of judging processes. Use it as a context manager."""

    def __init__(self, count: int | None = None) -> None:
        # Trials wait more than they work: a mistake is mostly shown by what does not come.
        count = count or 2 * (os.cpu_count() or 1)
        self._judges = [Judge() for _ in range(count)]
        self._free: SimpleQueue[Judge] = SimpleQueue()
        for judge in self._judges:
            self._free.put(judge)
        self._threads = ThreadPoolExecutor(count)

    def run(self, trial: Trial, *, thorough: bool, seed: int | None = None) -> Future[Outcome]:
        """Begin a trial and return what will come of it."""
        return self.call(partial(run_trial, trial, thorough=thorough, seed=seed))

    def call(self, work: Callable[[Judge], Result]) -> Future[Result]:
        """Begin some other work that needs a judging process, and return what will come of it."""
        return self._threads.submit(self._call, work)

    def _call(self, work: Callable[[Judge], Result]) -> Result:
        judge = self._free.get()
        try:
            return work(judge)
        finally:
            self._free.put(judge)

    def close(self) -> None:
        """Drop what has not begun and end the processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for judge in self._judges:
            judge.close()
        self._threads.shutdown()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
