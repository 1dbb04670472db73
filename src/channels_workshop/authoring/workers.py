"""Runs trials on all cores: each thread has a judging process of its own, which stays warm."""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from ..judging.judge import Judge
from .trials import Outcome, Trial, run_trial


class Workers:
    """A pool of judging processes for trials. Use it as a context manager."""

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
        return self._threads.submit(self._run, trial, thorough, seed)

    def _run(self, trial: Trial, thorough: bool, seed: int | None) -> Outcome:
        judge = self._free.get()
        try:
            return run_trial(trial, judge, thorough=thorough, seed=seed)
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
