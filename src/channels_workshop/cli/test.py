"""`test`: the tests of this repository."""

import subprocess
import sys

import click

from .. import REPOSITORY
from ..language import _
from .arguments import verb


@verb(
    "test",
    _("This repository's tests; arguments go to pytest."),
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", metavar=_("[ARGUMENTS]…"), nargs=-1, type=click.UNPROCESSED)
def test_(arguments: tuple[str, ...]) -> None:
    run = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=REPOSITORY)
    raise click.exceptions.Exit(run.returncode)
