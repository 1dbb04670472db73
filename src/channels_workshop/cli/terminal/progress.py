"""How far a long proof is, on standard error: standard output belongs to what it finds."""

from typing import Self

from rich import progress as bars

from .console import errors, say


class Progress:
    """A bar on a terminal, else a line for each of `total` steps. Use it as a context manager."""

    def __init__(self, total: int) -> None:
        self._done = 0
        self._total = total
        self._bar = bars.Progress(
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            bars.TextColumn("{task.description}", markup=False),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        self._task = self._bar.add_task("", total=total)

    def advance(self, what: str, is_right: bool) -> None:
        """Count one more step, of which `what` says which it was."""
        self._done += 1
        self._bar.update(self._task, advance=1, description=what)
        if not errors.is_terminal:
            mark = "✓" if is_right else "✗"
            say(f"{self._done}/{self._total} {mark} {what}", to=errors)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()
