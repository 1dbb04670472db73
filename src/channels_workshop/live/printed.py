"""What a running project prints into its log, and which of its lines are worth reading."""

import sysconfig
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import watchfiles

from .. import REPOSITORY

#: Milliseconds after which we look again though the system has reported nothing.
_LOOK_AGAIN = 1000


async def lines_printed(log: Path) -> AsyncIterator[list[str]]:
    """Yield the lines that are added to `log`, some at a time.

    The file is there, and grows only at its end.
    """
    rest = ""
    events = watchfiles.awatch(
        log, step=20, debounce=100, rust_timeout=_LOOK_AGAIN, yield_on_timeout=True
    )
    with log.open(encoding="utf-8", errors="replace", newline="") as file:
        async for _event in events:
            *lines, rest = (rest + file.read()).split("\n")
            if lines:
                yield [line.rstrip("\r") for line in lines]


#: How uvicorn begins the lines of an ordinary day.
_ORDINARY = "INFO: "
#: Where Python, the packages and this tool are: nobody fixes their project there.
_ELSEWHERE = (
    *{sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")},
    str(REPOSITORY / "src"),
    "<frozen ",
)


class OwnLines:
    """Leaves of a traceback the frames in the project and the exception, and no access log.

    A traceback may come in pieces, so it is remembered from one call to the next.
    """

    def __init__(self) -> None:
        self._in_traceback = False
        self._is_own = True

    def of(self, lines: Iterable[str]) -> list[str]:
        """Return those of `lines` that are worth reading."""
        return [line for line in lines if self._is_kept(line)]

    def _is_kept(self, line: str) -> bool:
        if line == "Traceback (most recent call last):":
            self._in_traceback, self._is_own = True, False
            return False
        if not line.startswith(" "):
            self._in_traceback = False
        if self._in_traceback and line.startswith("  File "):
            self._is_own = not line.removeprefix('  File "').startswith(_ELSEWHERE)
        if self._in_traceback:
            return self._is_own and line.strip(" ~^") != ""
        return line != "" and not line.startswith(_ORDINARY)
