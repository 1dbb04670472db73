"""`tables`: what pages are made of: lessons, the glossary, the program itself."""

import click

from .. import REPOSITORY
from ..language import _
from .arguments import verb


@verb(
    "tables",
    _("For authors: rewrite the tables that are made from lesson.toml."),
    epilog=_("Exit code 1, with --check: something is out of date."),
)
@click.option("--check", is_flag=True, help=_("Change nothing; exit 1 if any is out of date."))
def tables_(check: bool) -> None:
    from ..authoring.tables import write_tables
    from .faults_table import write_faults
    from .terminal.console import say
    from .verbs_page import write_verbs

    for path in (paths := write_tables(check) + write_verbs(check) + write_faults(check)):
        name = str(path.relative_to(REPOSITORY))
        if check:
            say(_("{path} is out of date.", path=name))
        else:
            say(_("{path} was rewritten.", path=name))
    if not paths:
        say(_("Every table is up to date."))
    raise click.exceptions.Exit(1 if check and paths else 0)
