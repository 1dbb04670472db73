"""Follows what a running project prints into its log."""

import threading
from collections.abc import Iterator
from pathlib import Path

import watchfiles

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
