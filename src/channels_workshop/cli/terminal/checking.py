"""A check while it runs: how far it is, and what the project prints meanwhile."""

from collections.abc import Iterator

from rich.status import Status

from ...errors import WorkshopError
from ...judging.events import Began, CheckEnded, Ended, Event, NotJudged, Printed
from ...judging.verdict import Verdict
from ...language import _
from .console import console, say, say_line

#: So many of the last lines that a project has printed are shown.
_PRINTED = 10


class StatusLine:
    """Says below everything else how far a check is; on a terminal only."""

    def __init__(self) -> None:
        self._status = Status(_("Checking…"), console=console) if console.is_terminal else None
        self._done = self._total = 0

    def start(self) -> None:
        """Show the line."""
        self._done = self._total = 0
        if self._status:
            self._status.update(_("Checking…"))
            self._status.start()

    def hear(self, event: Event) -> None:
        """Follow one event of the check."""
        if isinstance(event, Began):
            self._total = len(event.checks)
        elif isinstance(event, CheckEnded):
            self._done += 1
            if self._status:
                self._status.update(_("Checking… {n} of {most}", n=self._done, most=self._total))

    def stop(self) -> None:
        """Take the line away."""
        if self._status:
            self._status.stop()


def follow(events: Iterator[Event]) -> Verdict:
    """Return the verdict that `events` end in; print what the project has printed.

    Raises WorkshopError where there is none.
    """
    line = StatusLine()
    printed: list[str] = []
    line.start()
    try:
        for event in events:
            line.hear(event)
            if isinstance(event, Printed):
                printed += event.lines
    finally:
        line.stop()
    show_printed(printed)
    if isinstance(event, Ended):
        return event.verdict
    assert isinstance(event, NotJudged)
    raise WorkshopError(event.message, event.fix)


def show_printed(lines: list[str]) -> None:
    """Print the last of the lines that the project has printed."""
    if lines:
        say(_("Your project printed:"), "dim")
    if len(lines) > _PRINTED:
        say("  │ …", "dim")
    for line in lines[-_PRINTED:]:
        say_line(f"│ {line}", "dim", indent=2)
