"""What `verify --mutants` finds: which changes to the reference no check notices."""

from rich.text import Text

from ...authoring.mutants.judging import MutantsFound, MutantsOfLesson
from ...authoring.mutants.making import Mutant
from ...language import _
from .console import console, say


def show_mutants(found: MutantsFound) -> None:
    """Print how many mutants of each lesson were caught, and those that were not."""
    for lesson in found.lessons:
        console.print()
        say(lesson.lesson.name, "bold")
        _show_numbers(lesson)
        for mutant in lesson.survived:
            _show_mutant(mutant, _("survived"))
        for mutant, seeds in lesson.caught_by_luck:
            passed = ", ".join(map(str, seeds))
            _show_mutant(mutant, _("passed from the seeds {seeds}", seeds=passed))
        for mutant, check in lesson.wrongly_declared:
            _show_mutant(mutant, _("declared as equivalent, but {check} catches it", check=check))
    console.print()
    if found.ok:
        say(_("The checks catch what they have to."), "bold green")
    else:
        say(_("Not enough is caught: see the lines marked with ✗."), "bold red")


def _show_numbers(lesson: MutantsOfLesson) -> None:
    line = Text("✓ ", style="green") if lesson.ok else Text("✗ ", style="red")
    numbers = _(
        "{made} mutants: {killed} caught, {equivalent} equivalent, {survived} survived",
        made=len(lesson.made),
        killed=len(lesson.killed),
        equivalent=len(lesson.equivalent),
        survived=len(lesson.survived),
    )
    line.append(f"{numbers} ({lesson.score:.1%})", "default")
    say(line, indent=2, hang=2)
    if not lesson.is_complete:
        left = len(lesson.mutants) - len(lesson.made)
        say(Text("✗ ", style="red") + Text(_("{n} were not judged", n=left)), indent=2, hang=2)


def _show_mutant(mutant: Mutant, what: str) -> None:
    place = Text(f"{mutant.file}:{mutant.line}", style="bold")
    say(Text("✗ ", style="red") + place + Text(f"  {what}"), indent=2, hang=2)
    say(Text(f"- {mutant.before}", style="red"), indent=4, hang=2)
    if mutant.after:
        say(Text(f"+ {mutant.after}", style="green"), indent=4, hang=2)
