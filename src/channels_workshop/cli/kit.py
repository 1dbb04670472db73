"""`kit`: the course on a stick."""

from pathlib import Path

import click

from ..language import _
from .arguments import verb


@verb("kit", _("Gather the course and its packages in a folder, to set it up without a network."))
@click.argument("out", metavar=_("FOLDER"), type=click.Path(path_type=Path))
@click.option("--here", is_flag=True, help=_("Only for this system and this Python: quick."))
@click.option(
    "--system",
    "systems",
    multiple=True,
    type=click.Choice(["linux", "linux-arm", "macos", "windows"]),
    help=_("Only for this system; may be given several times."),
)
@click.option(
    "--python",
    "pythons",
    multiple=True,
    type=click.Choice(["3.11", "3.12", "3.13", "3.14"]),
    help=_("Only for this Python; may be given several times."),
)
@click.option(
    "--with",
    "extras",
    metavar=_("NAME"),
    multiple=True,
    help=_("Also the packages of this extra, such as notebooks."),
)
def kit_(
    out: Path,
    here: bool,
    systems: tuple[str, ...],
    pythons: tuple[str, ...],
    extras: tuple[str, ...],
) -> None:
    from ..upkeep.kit.locks import extras as known_extras
    from ..upkeep.kit.making import make_kit, refuse_unfit
    from ..upkeep.kit.systems import machines, this_machine
    from .extras import needs
    from .terminal.kit import KitTerminal, built_pages

    if here and (systems or pythons):
        raise click.UsageError(_("--here goes alone: without --system and --python."))
    for name in extras:
        if name not in known_extras():
            raise click.UsageError(
                _(
                    "There is no extra “{name}”. There are: {names}",
                    name=name,
                    names=", ".join(known_extras()),
                )
            )
    refuse_unfit(out)
    needs("kit", "pip")
    wanted = [this_machine()] if here else machines(list(systems), list(pythons))
    terminal = KitTerminal(out)
    make_kit(out, wanted, list(extras), built_pages(), terminal)
    terminal.made()
