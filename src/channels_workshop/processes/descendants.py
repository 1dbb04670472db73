"""The processes that descend from one, and the end of them all. Linux only; elsewhere there are none."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

#: How often those that are still there are ended one by one: some make others meanwhile.
_ROUNDS = 100_000
#: In so many rounds running nobody is found, once nobody is there: who is just being made may be missed.
_EMPTY_ROUNDS = 10


def end_descendants(first: int) -> None:
    """End all processes that descend from `first`, to which their orphans must fall.

    Who forks all the time is gone before the system's whole table is read; lists of children are
    read in far less time.
    """
    empty = 0
    for _round in range(_ROUNDS):
        found = descendants(first)
        empty = 0 if found else empty + 1
        if empty == _EMPTY_ROUNDS:
            return
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # it has ended meanwhile
                continue


def descendants(first: int) -> list[int]:
    """Return the ids of the processes that descend from `first`; some may have ended since."""
    found: list[int] = []
    waiting = [first]
    while waiting:
        children = list(_children(waiting.pop()))
        found += children
        waiting += children
    return found


def _children(pid: int) -> Iterator[int]:
    try:
        for thread in os.scandir(f"/proc/{pid}/task"):
            yield from map(int, Path(thread.path, "children").read_text("ascii").split())
    except OSError:  # it has ended meanwhile
        return
