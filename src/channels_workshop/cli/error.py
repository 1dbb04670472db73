"""`error`: provokes an error of the dictionary, before your eyes."""

import subprocess
import sys

import click

from .. import REPOSITORY
from ..errors import WorkshopError
from ..language import _, message
from .arguments import verb


@verb(
    "error",
    _("Provoke an error of the dictionary, and see what it says."),
    epilog=_("Exit code: that of the program that provokes it."),
)
@click.argument("error_id", metavar=_("[ERROR]"), required=False)
def error_(error_id: str | None) -> None:
    from ..course.dictionary import FOLDER, families
    from .terminal.console import say

    entries = {entry.id: entry for family in families() for entry in family.entries}
    if error_id is None:
        width = max(map(len, entries))
        for name, entry in entries.items():
            say(f"{name:{width}}  {entry.title}")
        return
    if error_id not in entries:
        raise WorkshopError(
            message("The dictionary has no error “{name}”.", name=error_id),
            message("`error` without a name lists them all."),
        )
    provoke = REPOSITORY / FOLDER / "programs" / "provoke.py"
    raise click.exceptions.Exit(subprocess.run([sys.executable, provoke, error_id]).returncode)
