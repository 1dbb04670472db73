"""`tables`: the tables on the pages, made from each lesson's `lesson.toml`."""

import click

from .. import REPOSITORY
from ..language import _
from .arguments import verb


@verb("tables", _("For authors: rewrite the tables that are made from lesson.toml."))
@click.option("--check", is_flag=True, help=_("Change nothing; exit 1 if any is out of date."))
def tables_(check: bool) -> None:
    from ..authoring.tables import write_tables
    from .terminal.console import say

    for path in (paths := write_tables(check)):
        name = str(path.relative_to(REPOSITORY))
        if check:
            say(_("{path} is out of date.", path=name))
        else:
            say(_("{path} was rewritten.", path=name))
    if not paths:
        say(_("Every table is up to date."))
    raise click.exceptions.Exit(1 if check and paths else 0)
