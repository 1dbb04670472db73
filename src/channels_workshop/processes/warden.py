"""Looks after all processes of a sandbox, and ends them when together they use too much."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from ..language import Message, message
from .limits import MIB, Limits

#: Seconds from one look to the next. A machine holds out for longer than that.
_EVERY = 0.25
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Warden:
    """Counts what `first` and its descendants use; calls `end` once it is more than `limits`.

    `reason` then says what there was too much of.
    """

    def __init__(self, first: int, limits: Limits, end: Callable[[], None]) -> None:
        self.reason: Message | None = None
        self._first = first
        self._limits = limits
        self._end = end
        self._stop = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY):
            try:
                self.reason = self._excess()
            except OSError:  # this process is short of something; the next look may come through
                continue
            if self.reason:
                self._end()
                return

    def _excess(self) -> Message | None:
        found = list(self._descendants())
        threads = sum(process.threads for process in found)
        # What the first Python process has imported is shared by all that are forked from it.
        shared = min((process.memory for process in found if process.memory > 32 * MIB), default=0)
        memory = sum(max(0, process.memory - shared) for process in found)
        files = sum(process.open_files for process in found[: self._limits.processes])
        for used, most, reason in (
            (len(found), self._limits.processes, message("It started too many processes.")),
            (threads, self._limits.threads, message("It started too many threads.")),
            (memory, self._limits.memory, message("It used too much memory.")),
            (files, self._limits.all_files, message("It used too much memory.")),
        ):
            if used > most:
                return reason
        return None

    def _descendants(self) -> Iterator["_Process"]:
        by_parent: dict[int, list[_Process]] = {}
        for process in _all_processes():
            by_parent.setdefault(process.parent, []).append(process)
        waiting = [self._first]
        while waiting:
            for process in by_parent.get(waiting.pop(), ()):
                waiting.append(process.pid)
                yield process


class _Process:
    """One line of the system's table: ids, number of threads, resident memory in bytes."""

    def __init__(self, stat: str) -> None:
        # The second field is the program's name in brackets, which may hold anything.
        pid, rest = stat.split(" ", 1)
        fields = rest[rest.rindex(")") + 2 :].split()
        self.pid = int(pid)
        self.parent = int(fields[1])
        self.threads = int(fields[17])
        self.memory = int(fields[21]) * _PAGE

    @property
    def open_files(self) -> int:
        """How many it has open now; none where nobody may know."""
        try:
            return sum(1 for _file in os.scandir(f"/proc/{self.pid}/fd"))
        except OSError:  # it has ended meanwhile
            return 0


def _all_processes() -> Iterator[_Process]:
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                yield _Process(Path(entry.path, "stat").read_text(errors="replace"))
            except (OSError, ValueError, IndexError):  # it has ended meanwhile
                continue
