"""`doctor`: what this machine has and lacks."""

import json

import click

from ..language import _
from .arguments import json_option, verb


@verb(
    "doctor",
    _("What this machine has and lacks, and how to fix it."),
    epilog=_("Exit code 2: something is missing that every lesson needs."),
)
@json_option
def doctor_(as_json: bool) -> None:
    from ..upkeep.machine import examine
    from .terminal.upkeep import show_findings

    findings = examine()
    if as_json:
        print(json.dumps([finding.to_json() for finding in findings], ensure_ascii=False))
    else:
        show_findings(findings)
    # What only some verbs need is no failure.
    raise click.exceptions.Exit(0 if all(f.fine or f.optional for f in findings) else 2)
