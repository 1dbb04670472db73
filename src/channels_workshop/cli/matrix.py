"""The kill matrix: which check catches which mistake."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ..authoring.trials import Outcome, trials_of
from ..authoring.verify import LessonProof, Proof, verify
from ..course.lesson import Lesson
from ..course.mistakes import load_mistakes
from ..language import _
from .output import console, errors


def verify_with_progress(lessons: list[Lesson], shown: bool, times: int = 1) -> Proof:
    """Prove `lessons` so many times, behind a progress bar, which is on a terminal only."""
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    shown = shown and errors.is_terminal
    with Progress(*columns, console=errors, transient=True, disable=not shown) as progress:
        trials = sum(len(trials_of(lesson)) for lesson in lessons)
        bar = progress.add_task("", total=trials * times)

        def advance(outcome: Outcome) -> None:
            progress.update(bar, advance=1, description=str(outcome.trial))

        return verify(lessons, advance, times)


def show_matrix(proof: Proof) -> None:
    """Print what was proved of each lesson, and what was not."""
    for lesson in proof.lessons:
        console.print()
        console.print(Text(lesson.lesson.name, style="bold"))
        _show_facts(lesson)
        _show_mistakes(lesson)
        _show_wrongs(lesson)
    console.print()
    if proof.ok:
        console.print(_("Proved: all of it holds."), style="bold green")
    else:
        console.print(_("Not proved: see the lines marked with ✗."), style="bold red")


def _show_facts(lesson: LessonProof) -> None:
    facts = [
        (_("the reference passes"), lesson.of("reference")),
        (_("the starter boots and fails every task"), lesson.of("starter")),
        (_("each task is judged with the later ones still stubs"), lesson.of("step")),
        (_("every accepted solution passes"), lesson.of("accepted")),
    ]
    for what, outcomes in facts:
        _show_fact(what, [str(o.trial) for o in outcomes if o.wrong])
    _show_fact(_("every check is failed by some mistake"), lesson.unkilled_checks)
    _show_fact(_("the delta is declared"), lesson.undeclared_changes)


def _show_fact(what: str, against: list[str]) -> None:
    mark = Text("  ✗ ", style="red") if against else Text("  ✓ ", style="green")
    console.print(mark + Text(what) + Text("".join(f"  {thing}" for thing in against), style="red"))


def _show_mistakes(lesson: LessonProof) -> None:
    expected = {mistake.id: mistake.expected for mistake in load_mistakes(lesson.lesson)}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for header in ("", _("mistake"), _("must be caught by"), _("fails as well")):
        table.add_column(header)
    for outcome in lesson.of("mistake"):
        must = expected[outcome.trial.id]
        table.add_row(
            Text("  ✗", style="red") if outcome.wrong else Text("  ✓", style="green"),
            outcome.trial.id,
            Text(must, style="" if must in outcome.failed else "red"),
            Text(", ".join(check for check in outcome.failed if check != must), style="dim"),
        )
    console.print(table)


def _show_wrongs(lesson: LessonProof) -> None:
    for outcome in lesson.outcomes:
        for line in outcome.wrong:
            console.print(Text(f"  ✗ {outcome.trial}: {line}", style="red"))
