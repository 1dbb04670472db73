"""Packages that only some verbs need: `workshop.py` installs them, and starts the verb again."""

import os
import subprocess
import sys
from importlib.util import find_spec

import click

from .. import REPOSITORY
from ..errors import WorkshopError
from ..invocation import command
from ..language import message

#: Set for the call that the door starts again: what is missing then, it could not install.
_STARTED_AGAIN = "WORKSHOP_STARTED_AGAIN"


def needs(extra: str, package: str) -> None:
    """Go on where `package` can be imported, else start this call again with `--with EXTRA`.

    Raises WorkshopError where there is nothing to install it with.
    """
    if find_spec(package) is not None:
        return
    door = REPOSITORY / "workshop.py"
    if os.environ.get(_STARTED_AGAIN) or not door.is_file():
        raise WorkshopError(
            message("The package {package} is missing.", package=package),
            message("Install it: {command}", command=command(f"--with {extra} list")),
        )
    arguments = [sys.executable, str(door), "--with", extra, *sys.argv[1:]]
    variables = os.environ | {_STARTED_AGAIN: "1"}
    if os.name != "nt":
        sys.stdout.flush()
        os.execve(sys.executable, arguments, variables)
    raise click.exceptions.Exit(subprocess.run(arguments, env=variables).returncode)
