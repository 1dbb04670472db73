"""What `bench` has measured, and what `doctor` has found."""

from typing import Any

from rich.table import Table
from rich.text import Text

from ...language import _
from ...upkeep.machine import Finding
from .console import console, say
from .verdict import MARKS


def show_rows(document: dict[str, Any]) -> None:
    """Print the rows of a benchmark and its ratio to the peer."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for row in document["rows"]:
        table.add_row(row["name"], f"{row['value']:g}", row["unit"])
    console.print(table)
    ratio, peer = document["ratio"], document["peer"]
    say(_("ratio {ratio:g} to the peer: {peer}", ratio=ratio, peer=peer))


def show_findings(findings: list[Finding]) -> None:
    """Print what `doctor` found, each lack with its fix."""
    for finding in findings:
        status = "pass" if finding.fine else "not_run" if finding.optional else "fail"
        mark, style = MARKS[status]  # type: ignore[index]
        say(Text(f"{mark} {finding.name}: ", style=style).append(finding.detail, "default"), hang=2)
        if finding.fix:
            say(finding.fix, "dim", indent=4)
