"""What is to be told to the board, kept in the workspace until the class is over.

`reports.jsonl` is only ever appended to: one numbered report a line. `membership.json` says in which
class they belong, and holds the token to come back with.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from ..limits import MOST_REPORTS
from ..messages import Report, Reported

_REPORTS, _MEMBERSHIP = "reports.jsonl", "membership.json"

_report = msgspec.json.Decoder(Report)


class Membership(msgspec.Struct, frozen=True):
    """In which class somebody is, under which name, and what shows that it is them."""

    class_id: str
    name: str
    token: str


class Outbox:
    """The outbox in `folder`, made when it is first needed; `clock` gives seconds since 1970.

    A folder that cannot be written costs what is not yet sent when `up` ends, and nothing else.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._folder, self._clock = folder, clock
        self.membership = _membership_in(folder / _MEMBERSHIP)
        self._reports = _reports_in(folder / _REPORTS) if self.membership else []
        self._first = self._reports[0].number if self._reports else 1
        self._rewrite()

    @property
    def last(self) -> int:
        """The number of the last report; one less than the next one's."""
        return self._first + len(self._reports) - 1

    def add(self, what: Reported) -> None:
        """Note that something has happened, now."""
        if self.last >= MOST_REPORTS:  # the board takes no more
            return
        report = Report(self.last + 1, self._clock(), what)
        self._reports.append(report)
        with suppress(OSError), (self._folder / _REPORTS).open("ab") as file:
            file.write(msgspec.json.encode(report) + b"\n")

    def after(self, number: int, most: int) -> list[Report]:
        """Return the reports after that number, at most so many."""
        begin = max(0, number + 1 - self._first)
        return self._reports[begin : begin + most]

    def last_of(self, kind: type[Reported]) -> Report | None:
        """Return the last report of that kind, None where there is none."""
        found = (report for report in reversed(self._reports) if isinstance(report.what, kind))
        return next(found, None)

    def welcomed(self, membership: Membership, acknowledged: int) -> bool:
        """The board of a class has let us in, and has all up to `acknowledged`.

        Returns whether what is here belongs there; else it begins anew: nothing of another class is
        told to this one.
        """
        known, self.membership = self.membership, membership
        if known != membership:
            self._keep(membership)
        if known is not None and known.class_id != membership.class_id:
            self._reports, self._first = [], acknowledged + 1
            self._rewrite()
            return False
        if acknowledged > self.last or acknowledged + 1 < self._first:  # the file was lost, in part
            self._reports, self._first = [], acknowledged + 1
            self._rewrite()
        return True

    def _keep(self, membership: Membership) -> None:
        file = self._folder / _MEMBERSHIP
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            beside = file.with_name(f".{file.name}.{os.getpid()}")
            beside.touch(0o600)
            beside.write_bytes(msgspec.json.encode(membership))
            beside.replace(file)

    def _rewrite(self) -> None:
        """Have the file hold what is here: without half a line, which a killed `up` may have left."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            lines = b"".join(msgspec.json.encode(report) + b"\n" for report in self._reports)
            (self._folder / _REPORTS).write_bytes(lines)


def _membership_in(file: Path) -> Membership | None:
    with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(file.read_bytes(), type=Membership)
    return None


def _reports_in(file: Path) -> list[Report]:
    """Return the reports in `file`, as far as they follow each other."""
    reports: list[Report] = []
    with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        for line in file.read_bytes().splitlines():
            report = _report.decode(line)
            if reports and report.number != reports[-1].number + 1:
                break
            reports.append(report)
    return reports
