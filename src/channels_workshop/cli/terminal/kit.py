"""How `kit` looks in the terminal."""

import asyncio
from pathlib import Path

from ...errors import WorkshopError
from ...language import _
from ...live.site import SiteBuilder
from ...upkeep.kit.making import Progress
from ...upkeep.kit.systems import Machine
from .console import say


def built_pages() -> Path:
    """Return the folder with the course's pages; they are built where need be. Raises WorkshopError."""
    say(_("Building the pages …"), "dim")
    site = asyncio.run(SiteBuilder().settle())
    if site.folder is None or site.problem:
        raise WorkshopError(_("The pages could not be built:\n{problem}", problem=site.problem))
    return site.folder


class KitTerminal(Progress):
    """The terminal in which somebody has typed `kit`, for the folder `out`."""

    def __init__(self, out: Path) -> None:
        self._out = out

    def fetching(self, machine: Machine) -> None:
        name, python = machine.system.name, machine.python
        say(_("Packages for {system}, Python {python} …", system=name, python=python), "dim")

    def made(self) -> None:
        """Print where the kit is, how large, and what to do with it."""
        size = sum(path.stat().st_size for path in self._out.rglob("*") if path.is_file())
        say(
            _("{folder}: the kit is complete, {size} MB.", folder=self._out, size=size // 2**20),
            "green",
        )
        say(_("README.txt in it says how the others set the course up from it."))
