"""What `verify` proves: its progress on standard error, and which check catches which mistake."""

from typing import Self

from rich import progress as bars
from rich.table import Table
from rich.text import Text

from ...authoring.trials import Outcome, trials_of
from ...authoring.verify import LessonProof, Proof
from ...course.lesson import Lesson
from ...language import _
from .console import console, errors, say


class Progress:
    """How far `verify` is: a bar on a terminal, else a line for each outcome."""

    def __init__(self, lessons: list[Lesson], rounds: int) -> None:
        self._done = 0
        self._total = rounds * sum(len(trials_of(lesson)) for lesson in lessons)
        self._bar = bars.Progress(
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            bars.TextColumn("{task.description}"),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        self._task = self._bar.add_task("", total=self._total)

    def advance(self, outcome: Outcome) -> None:
        """Count one more outcome."""
        self._done += 1
        self._bar.update(self._task, advance=1, description=str(outcome.trial))
        if not errors.is_terminal:
            mark = "✗" if outcome.wrong else "✓"
            lesson = outcome.trial.lesson.name
            say(f"{self._done}/{self._total} {mark} {lesson} {outcome.trial}", to=errors)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()


def show_proof(proof: Proof) -> None:
    """Print what was proved of each lesson, and what was not."""
    for lesson in proof.lessons:
        console.print()
        say(lesson.lesson.name, "bold")
        _show_facts(lesson)
        _show_mistakes(lesson)
        _show_wrongs(lesson)
    console.print()
    if proof.ok:
        say(_("Proved: all of it holds."), "bold green")
    else:
        say(_("Not proved: see the lines marked with ✗."), "bold red")


def _show_facts(lesson: LessonProof) -> None:
    facts = [
        (_("the reference passes"), lesson.of("reference")),
        (_("the starter boots and fails every task"), lesson.of("starter")),
        (_("each task is judged with the later ones still stubs"), lesson.of("step")),
        (_("every accepted solution passes"), lesson.of("accepted")),
        (_("every freedom may be taken"), lesson.of("freedom")),
    ]
    for what, outcomes in facts:
        if outcomes or lesson.is_complete:
            _show_fact(what, [str(outcome.trial) for outcome in outcomes if outcome.wrong])
    if lesson.is_complete:
        _show_fact(_("every check is failed by some mistake"), lesson.unkilled_checks)
        _show_fact(_("the delta is declared"), lesson.undeclared_changes)
    else:
        _show_fact(_("every trial was made"), [_("{n} so far", n=len(lesson.outcomes))])


def _show_fact(what: str, against: list[str]) -> None:
    line = Text("✗ ", style="red") if against else Text("✓ ", style="green")
    line.append(what, "default")
    for thing in against:
        line.append(f"  {thing}", "red")
    say(line, indent=2, hang=2)


def _show_mistakes(lesson: LessonProof) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for header in ("", _("mistake"), _("must be caught by"), _("fails as well")):
        table.add_column(header)
    for outcome in lesson.of("mistake"):
        must = outcome.trial.mistake.expected
        table.add_row(
            Text("  ✗", style="red") if outcome.wrong else Text("  ✓", style="green"),
            outcome.trial.id,
            Text(must, style="" if must in outcome.failed else "red"),
            Text(", ".join(check for check in outcome.failed if check != must), style="dim"),
        )
    if table.rows:
        console.print(table)


def _show_wrongs(lesson: LessonProof) -> None:
    for outcome in lesson.outcomes:
        for line in outcome.wrong:
            say(f"✗ {outcome.trial}: {line}", "red", indent=2, hang=2)
