"""Follows what a running project prints into its log."""

import sysconfig
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import watchfiles

from .. import REPOSITORY

#: Milliseconds after which we look again though the system has reported nothing.
_LOOK_AGAIN = 1000


def lines_printed(log: Path, stop: threading.Event) -> Iterator[list[str]]:
    """Yield the lines that are added to `log`, some at a time, until soon after `stop` is set.

    The file is there, and grows only at its end.
    """
    rest = ""
    with log.open(encoding="utf-8", errors="replace", newline="") as file:
        for _event in watchfiles.watch(
            log,
            step=20,
            debounce=100,
            stop_event=stop,
            rust_timeout=_LOOK_AGAIN,
            yield_on_timeout=True,
            raise_interrupt=False,
        ):
            *lines, rest = (rest + file.read()).split("\n")
            if lines:
                yield [line.rstrip("\r") for line in lines]


#: Where Python, the packages and this tool are: nobody mends their project there.
_ELSEWHERE = (
    *{sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")},
    str(REPOSITORY / "src"),
    "<frozen ",
)


class OwnFrames:
    """Leaves of a traceback what stands in the project, and the exception.

    A traceback may come in pieces, so it is remembered from one call to the next.
    """

    def __init__(self) -> None:
        self._in_traceback = False
        self._is_own = True

    def of(self, lines: Iterable[str]) -> list[str]:
        """Return those of `lines` that are worth reading in a terminal."""
        return [line for line in lines if self._is_kept(line)]

    def _is_kept(self, line: str) -> bool:
        if line == "Traceback (most recent call last):":
            self._in_traceback, self._is_own = True, False
            return False
        if not line.startswith(" "):
            self._in_traceback = False
        if self._in_traceback and line.startswith("  File "):
            self._is_own = not line.removeprefix('  File "').startswith(_ELSEWHERE)
        return not self._in_traceback or (self._is_own and line.strip(" ~^") != "")
