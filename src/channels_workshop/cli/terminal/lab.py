"""How the lab looks in the terminal: a question, a time line, an explanation."""

import sys
from collections.abc import Sequence

import click
from rich.text import Text

from ...invocation import command
from ...language import Message, _, current
from ...stage.lab.fault import Fault
from ...stage.lab.playing import Outcome
from ...stage.microscope.events import Event
from ...stage.microscope.telling import lines
from .console import console, say, say_command, say_line

#: Of a longer time line, so many lines are shown at its begin and at its end.
_SHOWN = 40
#: Who is drawn in which colour; everybody else is a client.
_STYLES = {"lab": "bold yellow", "Redis": "magenta", "server 1": "cyan", "server 2": "blue"}
_TROUBLE = {"raises", "fails", "lost", "cut_off", "refused"}


def show_faults(faults: Sequence[Fault]) -> None:
    """Print the list of faults."""
    width = max(len(fault.id) for fault in faults)
    for fault in faults:
        say(f"{fault.id:{width}}  {fault.about.title.spoken(current())}", hang=width + 2)
    console.print()
    say_command(
        _("Choose one: {command}", command=command("lab memory_layer")), command("lab memory_layer")
    )


def show_skipped(fault: Fault, why: Message) -> None:
    """Print why a fault cannot be played here."""
    say(fault.about.title.spoken(current()), "bold")
    say(_("It cannot be played here: {why}", why=str(why)), "yellow")


def ask(fault: Fault, given: int | None) -> int | None:
    """Print the question; return the person's prediction, None where nobody is there to be asked."""
    about, language = fault.about, current()
    say(about.title.spoken(language), "bold")
    say(about.setting.spoken(language))
    console.print()
    say(about.question.spoken(language), "bold")
    choices = about.choices.spoken(language)
    for number, choice in enumerate(choices, 1):
        say(f"{number}  {choice}", indent=2, hang=3)
    if given is None and sys.stdin.isatty():
        numbers = click.IntRange(1, len(choices))
        given = click.prompt(_("What do you expect? Number"), type=numbers)
    console.print()
    say(_("The processes start; this takes a few seconds."), "dim")
    return given


def show_outcome(fault: Fault, outcome: Outcome, given: int | None) -> None:
    """Print the time line, what came of the prediction, and the explanation."""
    about, language = fault.about, current()
    told = list(zip(lines(outcome.events, language), outcome.events, strict=True))
    for line, event in told[:_SHOWN]:
        say_line(line, _style(event))
    left_out = max(0, len(told) - 2 * _SHOWN)
    if left_out:
        say(_("… {count} more lines …", count=left_out), "dim")
    for line, event in told[max(_SHOWN, len(told) - _SHOWN) :]:
        say_line(line, _style(event))
    console.print()
    if not outcome.is_as_explained:
        _show_otherwise(outcome)
        return
    if given is not None:
        right = given == about.answer
        say(
            _("As you expected.") if right else _("Otherwise than you expected."),
            "green" if right else "yellow",
        )
    say(f"{about.answer}  {about.choices.spoken(language)[about.answer - 1]}", "bold")
    # A block of the file is broken for its reader there; here the terminal's width counts.
    say(Text(" ".join(about.explanation.spoken(language).splitlines())))


def _show_otherwise(outcome: Outcome) -> None:
    say(_("It went otherwise than the explanation says:"), "red")
    if outcome.stuck:
        say(outcome.stuck, indent=2)
    for claim, holds in outcome.claims.items():
        if not holds:
            say(f"✗ {claim}", indent=2)


def _style(event: Event) -> str:
    return "red" if event.what in _TROUBLE else _STYLES.get(event.who, "green")
