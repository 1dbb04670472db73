"""Where submissions are judged: on this machine's cores, or on the workers of a Dask cluster."""

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from functools import partial
from typing import Protocol

from ..judging.workers import Workers
from .graded import Graded
from .marking import mark_order
from .order import Order


class Executor(Protocol):
    """Judges orders somewhere. Use it as a context manager."""

    def mark(self, orders: Sequence[Order]) -> Iterator[Graded]:
        """Yield what came of each order, as it comes."""

    def __enter__(self) -> "Executor": ...
    def __exit__(self, *exception: object) -> None: ...


class ThisMachine:
    """Judges `jobs` submissions at a time, each in a judging process of its own."""

    def __init__(self, sandbox: str, jobs: int | None = None) -> None:
        self._workers = Workers(jobs, sandbox)  # type: ignore[arg-type]

    def mark(self, orders: Sequence[Order]) -> Iterator[Graded]:
        """Yield what came of each order, as it comes."""
        begun = [self._workers.call(partial(mark_order, order)) for order in orders]
        for future in as_completed(begun):
            yield future.result()

    def __enter__(self) -> "ThisMachine":
        return self

    def __exit__(self, *exception: object) -> None:
        self._workers.close()
