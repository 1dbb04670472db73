"""What `verify` proves: which check catches which mistake, and what hangs on luck."""

from rich.table import Table
from rich.text import Text

from ...authoring.verify import LessonProof, Proof
from ...language import _
from .console import console, say

#: So many rounds are named in a table.
_SOME = 5


def show_proof(proof: Proof) -> None:
    """Print what was proved of each lesson, and what was not."""
    for lesson in proof.lessons:
        console.print()
        say(lesson.lesson.name, "bold")
        _show_facts(lesson)
        _show_mistakes(lesson)
        _show_wrongs(lesson)
        _show_luck(lesson)
    console.print()
    if proof.ok:
        say(_("Proved: all of it holds."), "bold green")
    else:
        say(_("Not proved: see the lines marked with ✗."), "bold red")
        _repeat_what_is_wrong(proof)


def _repeat_what_is_wrong(proof: Proof) -> None:
    """Print once more, at the end of some hundred lines, what they are about."""
    for lesson in proof.lessons:
        wrong = [
            (str(outcome.trial), line) for outcome in lesson.outcomes for line in outcome.wrong
        ]
        wrong += [("", check) for check in lesson.unkilled_checks]
        wrong += [("", change) for change in lesson.undeclared_changes]
        wrong += [(str(luck.trial), luck.check) for luck in lesson.luck]
        for what, line in wrong:
            say(f"✗ {lesson.lesson.name} {what}: {line}", "red", indent=2, hang=2)


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
        if lesson.is_thorough:
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


def _show_luck(lesson: LessonProof) -> None:
    """Print which checks have failed a project in some rounds only; with --seeds a round is a seed."""
    if not lesson.luck:
        return
    say(_("No luck: each check says the same in each round, but for these"), "red", indent=2)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for header in ("", _("project"), _("check"), _("failed in"), _("passed in")):
        table.add_column(header)
    for luck in lesson.luck:
        failed = luck.rounds - len(luck.passed_in)
        some, more = luck.passed_in[:_SOME], len(luck.passed_in) - _SOME
        passed = ", ".join(map(str, some)) + (f" … +{more}" if more > 0 else "")
        times = _("{n} of {total}", n=failed, total=luck.rounds)
        project = Text(str(luck.trial))  # it has brackets, which are no markup
        table.add_row(Text("  ✗", style="red"), project, luck.check, times, passed)
    console.print(table)
