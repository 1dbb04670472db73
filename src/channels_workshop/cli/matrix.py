"""The kill matrix: which check catches which mistake."""

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ..authoring.verify import LessonProof, Proof, count_trials, verify
from ..course.lesson import Lesson
from ..language import _
from .output import console, errors


def verify_with_progress(lessons: list[Lesson], shown: bool) -> Proof:
    """Prove `lessons` behind a progress bar, which is on a terminal only."""
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=errors, transient=True, disable=not shown) as progress:
        bar = progress.add_task("", total=count_trials(lessons))

        def advance(what: str) -> None:
            progress.update(bar, advance=1, description=what)

        return verify(lessons, advance)


def show_matrix(proof: Proof) -> None:
    """Print what was proved of each lesson, and what was not."""
    for lesson in proof.lessons:
        console.print()
        console.print(Text(lesson.lesson, style="bold"))
        _show_facts(lesson)
        _show_mistakes(lesson)
    console.print()
    if proof.ok:
        console.print(_("Proved: all of it holds."), style="bold green")
    else:
        console.print(_("Not proved: see the lines marked with ✗."), style="bold red")


def _show_facts(lesson: LessonProof) -> None:
    facts = [
        (_("the reference passes"), lesson.reference == "pass", lesson.reference),
        (_("the starter boots and fails every task"), lesson.starter_fails_every_task, ""),
        (_("each task is judged by itself"), not lesson.wrong_steps, lesson.wrong_steps),
        (_("every check is failed by a mistake"), not lesson.unkilled_checks, lesson.unkilled_checks),
        (_("every change is declared"), not lesson.undeclared_changes, lesson.undeclared_changes),
    ]
    for solution in lesson.accepted:
        what = _("accepted: {name}", name=solution.id)
        facts.append((what, solution.status == "pass", solution.failed))
    for what, holds, why in facts:
        mark = Text("  ✓ ", style="green") if holds else Text("  ✗ ", style="red")
        detail = why if isinstance(why, str) else ", ".join(why)
        console.print(mark + Text(what) + Text("" if holds else f": {detail}", style="red"))


def _show_mistakes(lesson: LessonProof) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    table.add_column(_("mistake"))
    table.add_column(_("must be caught by"))
    table.add_column(_("caught by as well"))
    table.add_column(_("stray"), style="red")
    for mistake in lesson.mistakes:
        also = [check for check in mistake.caught_by if check != mistake.expected]
        caught = mistake.expected in mistake.caught_by
        table.add_row(
            Text("✓", style="green") if mistake.ok else Text("✗", style="red"),
            mistake.id,
            Text(mistake.expected, style="" if caught else "red"),
            Text(", ".join(also), style="dim"),
            ", ".join(mistake.stray),
        )
    console.print(table)
