"""How things look on a terminal: colour and tables there, plain text anywhere else."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..checking.telling import Failure
from ..checking.verdict import Result, Status, Verdict
from ..course.lesson import Lesson
from ..language import _, current, plural
from ..learner.checking import Failures
from .doctor import Finding

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

_MARKS: dict[Status, tuple[str, str]] = {
    "pass": ("✓", "green"),
    "fail": ("✗", "red"),
    "error": ("!", "red"),
    "not_run": ("–", "yellow"),
}
#: Of what is still to be written.
_AHEAD = ("○", "dim")


def show_verdict(lesson: Lesson, verdict: Verdict, failures: Failures) -> None:
    """Print a verdict: a line for each check by task, the first failure in full, the score.

    A check that fails without being among `failures` is of a task that nobody has begun.
    """
    if verdict.message is not None:
        console.print(_("The project does not start."), style="bold red")
        console.print(Text(verdict.message.rstrip()), style="dim")
        return
    for task in lesson.tasks:
        results = verdict.of_task(task.id)
        if not results:
            continue
        console.print()
        console.print(Text(task.title.spoken(current()), style="bold"))
        for result in results:
            is_ahead = result.status == "fail" and result.id not in failures
            _show_result(lesson, result, *(_AHEAD if is_ahead else _MARKS[result.status]))
    first = next((r for r in verdict.checks if r.status == "error" or r.id in failures), None)
    if first is not None:
        _show_failure(first, failures.get(first.id))
    _show_score(verdict)
    if first is not None:
        again = _("The same run again: --seed {seed}", seed=verdict.seed)
        console.print(Text(again, style="dim"))


def _show_result(lesson: Lesson, result: Result, mark: str, style: str) -> None:
    line = Text(f"  {mark} ", style=style)
    line.append(lesson.check(result.id).title.spoken(current()), style="default")
    if result.status == "not_run" and result.message:
        line.append(f"  {result.message}", style="dim")
    console.print(line)


def _show_failure(result: Result, failure: Failure | None) -> None:
    console.print()
    if failure is None:
        console.print(Text(result.message or result.id, style="red"))
        return
    console.print(Text(f"✗ {failure.title}", style="bold red"))
    console.print(Text(failure.text()))


def _show_score(verdict: Verdict) -> None:
    console.print()
    passed = sum(result.status == "pass" for result in verdict.checks)
    style = "bold green" if verdict.status == "pass" else "bold"
    score = _("{score} of {most} points", score=verdict.score, most=verdict.max_score)
    done = plural("{count} check passed", "{count} checks passed", passed)
    console.print(Text(f"{score}  ·  {done}  ·  {verdict.duration:.1f} s", style=style))
    if verdict.status == "pass":
        console.print(_("Everything that the agreement promises holds. Well done."))


def show_rows(document: dict[str, Any]) -> None:
    """Print the rows of a benchmark and its ratio to the peer."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for row in document["rows"]:
        table.add_row(row["name"], f"{row['value']:g}", row["unit"])
    console.print(table)
    ratio, peer = document["ratio"], document["peer"]
    console.print(_("ratio {ratio:g} to the peer: {peer}", ratio=ratio, peer=peer))


def show_findings(findings: list[Finding]) -> None:
    """Print what `doctor` found, each lack with its mend."""
    for finding in findings:
        mark: Status = "pass" if finding.fine else "not_run" if finding.optional else "fail"
        sign, style = _MARKS[mark]
        console.print(Text(f"{sign} {finding.name}: ", style=style) + Text(finding.detail))
        if finding.mend:
            console.print(Text(f"    {finding.mend}", style="dim"))
