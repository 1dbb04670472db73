"""The course's pages, in both languages: built when their sources have changed, and kept."""

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from .. import REPOSITORY
from ..course.project import files_below
from ..language import LANGUAGES, Language
from ..processes.supervised import start_supervised, stop_supervised

#: Names a folder with pages (`en/`, `ru/`) to serve in place of those that would be built.
VARIABLE = "WORKSHOP_SITE"

_NEW = ".new-"

_CONFIGURATIONS: dict[Language, str] = {"en": "mkdocs.yml", "ru": "mkdocs.ru.yml"}
#: What the pages are made from: their texts, and the lessons whose code they show.
_SOURCES = ["docs", "lessons"]
_PACKAGES = ["mkdocs", "mkdocs-material", "pymdown-extensions", "pygments"]


class SiteNotBuilt(Exception):
    """The pages could not be built; the text is what mkdocs printed."""


@dataclass(frozen=True)
class Site:
    """The pages: `folder` is None while there are none.

    `problem` is why they could not be built; then `folder` may hold earlier ones. `is_settled`
    where there is nothing more to wait for.
    """

    folder: Path | None = None
    problem: str = ""
    is_settled: bool = False


class SiteBuilder:
    """Builds the pages of the checkout `repository`; they are kept there until sources change."""

    def __init__(self, repository: Path = REPOSITORY) -> None:
        self._repository = repository
        self.cache = repository / ".workshop" / "site"

    async def settle(self) -> Site:
        """Return up-to-date pages, built (seconds) where there are none; else earlier ones."""
        try:
            folder = await asyncio.to_thread(self.ready) or await self.build()
        except (SiteNotBuilt, OSError) as error:
            return Site(self.earlier(), str(error), is_settled=True)
        return Site(folder, is_settled=True)

    def ready(self) -> Path | None:
        """Return the folder of up-to-date pages if there is one, or what WORKSHOP_SITE names."""
        if given := os.environ.get(VARIABLE):
            return Path(given)
        folder = self.cache / self.fingerprint()
        return folder if folder.is_dir() else None

    def earlier(self) -> Path | None:
        """Return the pages as they were last built, from whatever sources; None if never."""
        built = [folder for folder in self.cache.glob("[0-9a-f]*") if folder.is_dir()]
        return max(built, key=lambda folder: folder.stat().st_mtime, default=None)

    async def build(self, run: "Callable[[Path], Awaitable[None]] | None" = None) -> Path:
        """Build, remove older pages, and return the folder. Raises SiteNotBuilt.

        `run` makes the pages in the folder that it is given: mkdocs does, unless tests know better.
        """
        folder = self.cache / await asyncio.to_thread(self.fingerprint)
        self.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_NEW, dir=self.cache) as temporary:
            new = Path(temporary) / "site"
            await (run or self._run_mkdocs)(new)
            # Moved as a whole: whoever looks sees all of the pages or none.
            if not folder.is_dir():
                new.rename(folder)
        await asyncio.to_thread(self._remove_all_but, folder)
        return folder

    async def _run_mkdocs(self, folder: Path) -> None:
        """Build both languages into `folder`, side by side; cancelled, the processes are ended."""
        builds = [self._start_mkdocs(language, folder / language) for language in LANGUAGES]
        try:
            printed = await asyncio.gather(*(asyncio.to_thread(_output_of, b) for b in builds))
        finally:
            codes = [stop_supervised(build) for build in builds]
        if any(codes):
            raise SiteNotBuilt("\n".join(printed).strip())

    def _start_mkdocs(self, language: Language, folder: Path) -> "subprocess.Popen[bytes]":
        return start_supervised(
            [
                *(sys.executable, "-m", "mkdocs", "build", "--quiet"),
                *("--config-file", str(self._repository / _CONFIGURATIONS[language])),
                *("--site-dir", str(folder)),
            ],
            folder=self._repository,
            environment={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
            output=subprocess.PIPE,
        )

    def _remove_all_but(self, folder: Path) -> None:
        """Remove older pages, and what a crash left unfinished."""
        an_hour_ago = time.time() - 3600
        for other in self.cache.iterdir():
            under_way = other.name.startswith(_NEW) and other.stat().st_mtime > an_hour_ago
            if other != folder and not under_way:
                shutil.rmtree(other, ignore_errors=True)

    def fingerprint(self) -> str:
        """Return a text that changes whenever the pages would."""
        digest = hashlib.sha256(" ".join(map(version, _PACKAGES)).encode())
        for name in _CONFIGURATIONS.values():
            digest.update((self._repository / name).read_bytes())
        for source in _SOURCES:
            for path in files_below(self._repository / source):
                content = (self._repository / source / path).read_bytes()
                digest.update(f"{source}/{path} {len(content)}\n".encode())
                digest.update(content)
        return digest.hexdigest()[:16]


def _output_of(build: "subprocess.Popen[bytes]") -> str:
    assert build.stdout
    with build.stdout:
        return build.stdout.read().decode("utf-8", "replace")
