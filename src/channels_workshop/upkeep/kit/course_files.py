"""What of this repository is the course, and so goes with it: nobody's work, marks or leftovers."""

import shutil
from pathlib import Path

from ... import REPOSITORY
from ...course.project import files_below

_FOLDERS = ("bench", "deploy", "docs", "lessons", "notebooks", "requirements", "src", "tests")
_FILES = ("*.md", "*.py", "*.toml", "*.yml", "LICENSE", ".gitignore", ".gitattributes")


def copy_course(folder: Path, root: Path = REPOSITORY) -> None:
    """Copy the course at `root` into the new `folder`."""
    found = [path for pattern in _FILES for path in root.glob(pattern) if path.is_file()]
    for name in _FOLDERS:
        found += [root / name / path for path in files_below(root / name)]
    for path in found:
        copy = folder / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def is_inside_course(folder: Path, root: Path = REPOSITORY) -> bool:
    """Return whether `folder` is, or is in, one of those that are copied."""
    return any(folder.is_relative_to(root / name) for name in _FOLDERS)
