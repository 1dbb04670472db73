"""Builds the course's pages, in both languages, and keeps them until their sources change."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from .. import REPOSITORY
from ..course.project import files_below
from ..language import LANGUAGES, Language
from ..serving.guarded import start_guarded

#: Names a folder with pages (`en/`, `ru/`) to serve in place of those that would be built.
VARIABLE = "WORKSHOP_SITE"

CACHE = REPOSITORY / ".workshop" / "site"

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


def build_site() -> Path:
    """Build the pages, forget older ones, and return their folder.

    It takes seconds, in processes that end with this one. Raises SiteNotBuilt.
    """
    folder = CACHE / fingerprint()
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=CACHE) as room:
            new = Path(room) / "site"
            _run_mkdocs(new)
            # Moved as a whole: whoever looks sees all of the pages or none.
            if not folder.is_dir():
                new.rename(folder)
    except OSError as error:
        raise SiteNotBuilt(str(error)) from None
    for other in CACHE.glob("[0-9a-f]*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder


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


def _run_mkdocs(folder: Path) -> None:
    """Build each language into `folder`, at the same time."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    builds = [
        start_guarded(
            [
                *(sys.executable, "-m", "mkdocs", "build", "--quiet"),
                *("--config-file", str(REPOSITORY / _CONFIGURATIONS[language])),
                *("--site-dir", str(folder / language)),
            ],
            folder=REPOSITORY,
            environment=environment,
            output=subprocess.PIPE,
        )
        for language in LANGUAGES
    ]
    said = []
    for build in builds:
        assert build.stdout
        said.append(build.stdout.read().decode("utf-8", "replace"))
        build.wait()
        build.stdout.close()
    if any(build.returncode for build in builds):
        raise SiteNotBuilt("\n".join(said).strip())
