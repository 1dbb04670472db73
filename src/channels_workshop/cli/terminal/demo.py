"""How `demo` looks in the terminal, and as JSON."""

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from ...language import _, current, plural
from ...live.up import show_in_browser
from ...stage.demo.preflight import Finding
from ...stage.demo.rehearsal import Rehearsed, all_came
from ...stage.demo.script import Demo
from ...stage.demo.showing import Addresses, Terminal
from .console import console, say
from .qr_code import show_qr_code
from .serving import show_if_elsewhere


class DemoTerminal(Terminal):
    """The terminal in which somebody has typed `demo`; `wanted` is the port that they asked for."""

    def __init__(self, wanted: int, opens: bool) -> None:
        self._wanted, self._opens = wanted, opens

    def begun(self, demo: Demo) -> None:
        title = demo.title.spoken(current())
        say(
            _(
                "{number:02} · {title}: played once, unseen …",
                number=demo.lesson.number,
                title=title,
            )
        )

    def found(self, finding: Finding) -> None:
        mark, style = ("✓", "green") if finding.good else ("✗", "yellow")
        console.print(Text(f"{mark} ", style=style).append(str(finding.text)))

    def opened(self, addresses: Addresses) -> None:
        show_if_elsewhere(self._wanted, addresses.stage)
        say(_("The stage, for the projector: {address}", address=addresses.stage), "bold")
        say(_("For you: {address}", address=addresses.presenter), "bold")
        if addresses.network:
            address = f"{addresses.network}presenter/"
            say(
                _(
                    "From a phone: {address} with the code {code}",
                    address=address,
                    code=addresses.code,
                )
            )
            show_qr_code(address)
        say(_("Ctrl-C ends it."), "dim")
        if self._opens:
            show_in_browser(addresses.stage)
            show_in_browser(addresses.presenter)


def show_rehearsed(rehearsed: Rehearsed) -> None:
    """Print what came of rehearsing one demo."""
    name = rehearsed.demo.lesson.name
    for failed in rehearsed.failed:
        say(f"✗ {name} · {failed.step} · {failed.way}", "red")
        say(_("expected: {text}", text=failed.expected))
        say(_("instead: {text}", text=failed.actual))
    if not rehearsed.failed:
        text = plural(
            "{count} step was played, and came.",
            "{count} steps were played, and came.",
            rehearsed.played,
        )
        console.print(Text("✓ ", style="green").append(f"{name}: {text}"))


def rehearsal_json(rehearsals: Sequence[Rehearsed], seed: int) -> dict[str, Any]:
    """Return the document that `demo --rehearse --json` prints."""
    return {
        "version": 1,
        "ok": all_came(rehearsals),
        "seed": seed,
        "demos": [
            {
                "lesson": rehearsed.demo.lesson.name,
                "steps": len(rehearsed.demo.steps),
                "played": rehearsed.played,
                "failed": [
                    {
                        "step": failed.step,
                        "round": failed.round,
                        "way": failed.way,
                        "expected": str(failed.expected),
                        "actual": str(failed.actual),
                    }
                    for failed in rehearsed.failed
                ],
            }
            for rehearsed in rehearsals
        ],
    }
