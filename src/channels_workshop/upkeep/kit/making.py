"""Makes a kit: a folder for a stick, with the course, its pages, and packages for other machines.

README.txt      what to do with it, in English and Russian
kit.json        for which machines it is, and which locks it holds
workshop/       the course, with its pages built
packages/       the files that `workshop.py --kit FOLDER` installs from
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import WorkshopError
from ...language import message
from .course_files import copy_course, is_inside_course
from .locks import ALWAYS, LOCKS, pins
from .systems import Machine
from .wheels import fetch

MANIFEST = "kit.json"
COURSE = "workshop"
PACKAGES = "packages"
README = "README.txt"


class Progress:
    """Whoever waits for a kit: is told what is under way."""

    def fetching(self, machine: Machine) -> None:
        """The packages for `machine` are fetched."""


def refuse_unfit(out: Path) -> None:
    """Raise WorkshopError where a kit must not be made in `out`: nothing there is ever overwritten."""
    choose = message("Choose a folder that is new or empty.")
    if out.is_dir() and any(out.iterdir()):
        raise WorkshopError(message("{folder} is not empty.", folder=str(out)), choose)
    if out.exists() and not out.is_dir():
        raise WorkshopError(message("{folder} is a file.", folder=str(out)), choose)
    if is_inside_course(out.resolve()):
        raise WorkshopError(
            message("{folder} is inside the course, which is to go into it.", folder=str(out)),
            message("Choose a folder elsewhere, on the stick for example."),
        )


def make_kit(
    out: Path, machines: list[Machine], extras: list[str], pages: Path, progress: Progress
) -> None:
    """Make a kit for `machines` in `out`, with the packages of `extras` too; all of it, or nothing.

    `pages` is the folder with the built pages, as it is kept in a checkout. Raises WorkshopError.
    """
    refuse_unfit(out)
    names = [*ALWAYS, *extras]
    lock = [pin for name in names for pin in pins(LOCKS / f"{name}.txt")]
    with _unfinished(out) as folder:
        copy_course(folder / COURSE)
        shutil.copytree(pages, folder / COURSE / ".workshop" / "site" / pages.name)
        for machine in machines:
            progress.fetching(machine)
            fetch(machine, lock, folder / PACKAGES)
        manifest = {
            "version": 1,
            "machines": [[machine.system.name, machine.python] for machine in machines],
            "locks": names,
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        readme = Path(__file__).with_name("readme.txt").read_text(encoding="utf-8")
        # Notepad of an older Windows knows no other ends of lines.
        (folder / README).write_text(readme, encoding="utf-8-sig", newline="\r\n")


@contextmanager
def _unfinished(out: Path) -> Iterator[Path]:
    """Give a folder inside of `out`; what is in it moves up once all is there, and else is gone.

    Inside, since `out` may be the stick itself. kit.json comes last: without it, nothing is a kit.
    """
    is_new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=out))
    try:
        yield folder
        for name in (COURSE, PACKAGES, README, MANIFEST):
            (folder / name).rename(out / name)
    except BaseException:
        shutil.rmtree(out if is_new else folder, ignore_errors=True)
        raise
    folder.rmdir()
