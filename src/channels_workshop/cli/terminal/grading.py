"""A grading in the terminal: how far it is, what came of whom, what it amounts to."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from rich import progress as bars
from rich.table import Table
from rich.text import Text

from ...course.lesson import Lesson
from ...grading.graded import Graded, GradedStatus
from ...grading.harmless import one_line
from ...grading.marks import Mark
from ...invocation import command
from ...language import _, current, plural
from .console import console, errors, say, say_command

_MARKS: dict[GradedStatus, tuple[str, str]] = {
    "pass": ("✓", "green"),
    "fail": ("✗", "red"),
    "error": ("!", "bold yellow"),
    "not_graded": ("–", "yellow"),
}

#: Characters of a student's name.
_LONGEST_NAME = 60


class Watching:
    """A bar with an estimate on a terminal, else a line for each of `total` submissions."""

    def __init__(self, total: int, done: int = 0) -> None:
        self._total, self._done = total, done
        self._bar = bars.Progress(
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            bars.TimeRemainingColumn(),
            bars.TextColumn("{task.description}", markup=False),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, completed=done)

    def advance(self, graded: Graded) -> None:
        """Count one more submission, and say what came of it."""
        self._done += 1
        mark, style = _MARKS[graded.status]
        score = "–" if graded.score is None else f"{graded.score}/{graded.max_score}"
        name = one_line(graded.student, _LONGEST_NAME)
        self._bar.update(self._task, advance=1)
        line = f"{self._done}/{self._total} {mark} {name} {graded.lesson} {score}"
        if errors.is_terminal:
            self._bar.console.print(Text(line, style=style))
        else:
            say(line, to=errors)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()


def show_end(
    results: Sequence[tuple[Graded, Mark]], lessons: Mapping[str, Lesson], out: Path, seed: int
) -> None:
    """Print a line for each submission, what it amounts to, and where the reports are."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for header in ("", _("student"), _("lesson"), _("points"), _("what came of it")):
        table.add_column(header)
    for graded, mark in results:
        symbol, style = _MARKS[graded.status]
        points = "–" if mark.points is None else f"{mark.points:g}/{mark.of:g}"
        table.add_row(
            Text(symbol, style=style),
            Text(one_line(graded.student, _LONGEST_NAME)),
            Text(graded.lesson or "—"),
            Text(points),
            Text(_what_came(graded, mark, lessons.get(graded.lesson)), style="dim"),
        )
    console.print(table)
    console.print()
    ours = sum(graded.status == "error" for graded, _mark in results)
    nothing = sum(graded.status == "not_graded" for graded, _mark in results)
    judged = len(results) - ours - nothing
    say(plural("{count} submission graded.", "{count} submissions graded.", judged), "bold")
    if nothing:
        text = plural(
            "{count} could not be graded: the reason stands beside it.",
            "{count} could not be graded: the reasons stand beside them.",
            nothing,
        )
        say(text, "yellow")
    if ours:
        text = plural(
            "{count} came to no verdict, and that is our fault: it has no mark.",
            "{count} came to no verdict, and that is our fault: they have no mark.",
            ours,
        )
        say(text, "bold yellow")
        say_command(_("Try those again: {command}", command="…"), command("grade … --resume"))
    say(_("The reports: {folder}", folder=str(out)))
    say(_("The same grading again: --seed {seed}", seed=seed), "dim")


def _what_came(graded: Graded, mark: Mark, lesson: Lesson | None) -> str:
    """Return a few words on a submission."""
    if graded.reason:
        return graded.reason.spoken(current())
    if graded.verdict and graded.verdict.broken:
        return _("It does not start.")
    if graded.behaves_like and lesson:
        title = getattr(lesson.mistakes[graded.behaves_like].title, current())
        return _("Behaves like “{title}”", title=title)
    if graded.status == "pass":
        return ""
    failed = [r.id for r in graded.verdict.checks if r.status != "pass"] if graded.verdict else []
    return ", ".join(failed[:3]) + (f" +{len(failed) - 3}" if len(failed) > 3 else "")


def show_replay(
    graded: Graded, differing: Sequence[tuple[str, str, str]], changed: Sequence[str]
) -> None:
    """Print whether a submission that was judged again came to the same verdict."""
    for what in changed:
        say(_("Not as it was then: {what}", what=what), "yellow")
    if graded.reason:
        say(graded.reason.spoken(current()), "yellow")
    if not differing:
        say(
            _("The same verdict: {score}/{most}.", score=graded.score, most=graded.max_score),
            "bold green",
        )
        return
    say(_("Another verdict:"), "bold red")
    for check, then, now in differing:
        say(f"{check}: {then} → {now}", indent=2)
