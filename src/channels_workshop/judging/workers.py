"""Judges on all cores: each thread has a warm judging process of its own."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

from ..processes.sandbox import Level
from .judge import Judge

Result = TypeVar("Result")


def usual_number() -> int:
    """Return how many to judge at a time: whatever is judged waits more than it works."""
    return 2 * (os.cpu_count() or 1)


class Workers:
    """A pool of judging processes, with a `sandbox` or without. Use it as a context manager."""

    def __init__(self, count: int | None = None, sandbox: Level | None = None) -> None:
        count = count or usual_number()
        self._judges = [Judge(sandbox) for _ in range(count)]
        self._free: SimpleQueue[Judge] = SimpleQueue()
        for judge in self._judges:
            self._free.put(judge)
        self._threads = ThreadPoolExecutor(count)

    def call(self, work: Callable[[Judge], Result]) -> Future[Result]:
        """Begin some work that needs a judging process, and return what will come of it."""
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
        self._end_processes()
        self._threads.shutdown()
        self._end_processes()  # those of work that was tried again because its process had ended

    def _end_processes(self) -> None:
        for judge in self._judges:
            judge.close()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
