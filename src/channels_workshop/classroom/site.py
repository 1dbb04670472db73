"""Builds the course's pages, in both languages, and keeps them until their sources change."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from .. import REPOSITORY
from ..course.project import files_below
from ..language import LANGUAGES, Language
from ..serving.guarded import start_guarded, stop_guarded

#: Names a folder with pages (`en/`, `ru/`) to serve in place of those that would be built.
VARIABLE = "WORKSHOP_SITE"

CACHE = REPOSITORY / ".workshop" / "site"

_NEW = ".new-"

_CONFIGURATIONS: dict[Language, str] = {"en": "mkdocs.yml", "ru": "mkdocs.ru.yml"}
#: What the pages are made from: their texts, and the lessons whose code they show.
_SOURCES = ["docs", "lessons"]
_PACKAGES = ["mkdocs", "mkdocs-material", "pymdown-extensions", "pygments"]


class SiteNotBuilt(Exception):
    """The pages could not be built; the text is what mkdocs said."""


def ready_site() -> Path | None:
    """Return the folder of up-to-date pages if there is one, or that which WORKSHOP_SITE names."""
    if given := os.environ.get(VARIABLE):
        return Path(given)
    folder = CACHE / fingerprint()
    return folder if folder.is_dir() else None


def earlier_site() -> Path | None:
    """Return the pages as they were last built, from whatever sources; None if never."""
    built = [folder for folder in CACHE.glob("[0-9a-f]*") if folder.is_dir()]
    return max(built, key=lambda folder: folder.stat().st_mtime, default=None)


class SiteBuild:
    """Builds the pages, in processes that end with this one."""

    def __init__(self) -> None:
        self._builds: list[subprocess.Popen[bytes]] = []
        self._abandoned = False

    def run(self) -> Path:
        """Build (seconds), forget older pages, and return the folder. Raises SiteNotBuilt."""
        folder = CACHE / fingerprint()
        try:
            CACHE.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=_NEW, dir=CACHE) as room:
                new = Path(room) / "site"
                self._run_mkdocs(new)
                # Moved as a whole: whoever looks sees all of the pages or none.
                if not folder.is_dir():
                    new.rename(folder)
        except OSError as error:
            raise SiteNotBuilt(str(error)) from None
        _forget_all_but(folder)
        return folder

    def abandon(self) -> None:
        """Let `run` fail now. May be called from another thread."""
        self._abandoned = True
        for build in self._builds:
            stop_guarded(build)

    def _run_mkdocs(self, folder: Path) -> None:
        """Build each language into `folder`, at the same time."""
        self._builds = [_start_mkdocs(language, folder / language) for language in LANGUAGES]
        said = []
        for build in self._builds:
            if self._abandoned:
                stop_guarded(build)
            assert build.stdout
            said.append(build.stdout.read().decode("utf-8", "replace"))
            stop_guarded(build)
            build.stdout.close()
        if any(build.returncode for build in self._builds):
            raise SiteNotBuilt("\n".join(said).strip())


def _start_mkdocs(language: Language, folder: Path) -> "subprocess.Popen[bytes]":
    return start_guarded(
        [
            *(sys.executable, "-m", "mkdocs", "build", "--quiet"),
            *("--config-file", str(REPOSITORY / _CONFIGURATIONS[language])),
            *("--site-dir", str(folder)),
        ],
        folder=REPOSITORY,
        environment={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        output=subprocess.PIPE,
    )


def _forget_all_but(folder: Path) -> None:
    """Remove older pages, and what was left half-built by a crash."""
    an_hour_ago = time.time() - 3600
    for other in CACHE.iterdir():
        under_way = other.name.startswith(_NEW) and other.stat().st_mtime > an_hour_ago
        if other != folder and not under_way:
            shutil.rmtree(other, ignore_errors=True)


def fingerprint() -> str:
    """Return a text that is another one whenever the pages would be."""
    digest = hashlib.sha256(" ".join(map(version, _PACKAGES)).encode())
    for name in _CONFIGURATIONS.values():
        digest.update((REPOSITORY / name).read_bytes())
    for source in _SOURCES:
        for path in files_below(REPOSITORY / source):
            content = (REPOSITORY / source / path).read_bytes()
            digest.update(f"{source}/{path} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:16]
