"""`test`: the tests of this repository."""

import os
import subprocess
import sys

import click

from .. import REPOSITORY
from ..language import _
from .arguments import verb

#: The whole suite runs in so many processes (half of the time it waits), by modules: see conftest.py.
_AT_ONCE = ["-n", str((os.cpu_count() or 1) + 1), "--dist", "loadscope", "--no-loadscope-reorder"]


@verb(
    "test",
    _("This repository's tests; arguments go to pytest."),
    epilog=_("Exit code: that of pytest."),
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", metavar=_("[ARGUMENTS]…"), nargs=-1, type=click.UNPROCESSED)
def test_(arguments: tuple[str, ...]) -> None:
    pytest = [sys.executable, "-m", "pytest", *(arguments or _AT_ONCE)]
    run = subprocess.run(pytest, cwd=REPOSITORY)
    raise click.exceptions.Exit(run.returncode)
