"""Verbs about the workshop itself: `bench`, `doctor`, `test`."""

import json
import subprocess
import sys

import click

from .. import REPOSITORY
from ..language import _


@click.command("bench", help=_("Measure, as a ratio against a named peer in the same run."))
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON document."))
def bench_(name, as_json):
    from .benchmarks import load_benchmark
    from .output import show_rows

    document = load_benchmark(name)()
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        show_rows(document)


@click.command("doctor", help=_("What this machine has and lacks, and the mend."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON document."))
def doctor_(as_json):
    from .doctor import examine
    from .output import show_findings

    findings = examine()
    if as_json:
        print(json.dumps([finding.to_json() for finding in findings], ensure_ascii=False))
    else:
        show_findings(findings)
    # What is merely missing for some verbs is no failure.
    raise click.exceptions.Exit(0 if all(f.fine or f.optional for f in findings) else 2)


@click.command(
    "test",
    help=_("This repository's tests; arguments go to pytest."),
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test_(arguments):
    run = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=REPOSITORY)
    raise click.exceptions.Exit(run.returncode)
