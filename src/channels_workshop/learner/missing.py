"""A module that the learner's project imports and that is not there when it is checked."""

import importlib.util
import re
from pathlib import Path, PurePosixPath

from ..course.lesson import Lesson
from ..language import Message, message

_MISSING = re.compile(r"^ModuleNotFoundError: No module named '([\w.]+)'", re.MULTILINE)


def missing_module(lesson: Lesson, folder: Path, traceback: str) -> Message | None:
    """Return what the course says to a module that `traceback` shows to be missing.

    It may be a package of others, or a file of the project in `folder` that is not among those that
    are handed in. None where none is missing, or where it should have been there.
    """
    found = _MISSING.findall(traceback)
    if not found:
        return None
    name = found[-1].partition(".")[0]
    for own, path in (
        (folder / f"{name}.py", f"{name}.py"),
        (folder / name, f"{name}/__init__.py"),
    ):
        if own.exists():
            if lesson.is_submitted(PurePosixPath(path)):
                return None
            return message(
                "“{name}” is in your folder, but is not taken: only what fits {globs} is checked and "
                "handed in. Move it there.",
                name=own.name,
                globs=", ".join(lesson.about.submit),
            )
    if _is_installed(name):
        return None
    return message(
        "“{name}” is not installed. Checks run your project with the packages that the lesson "
        "needs ({packages}); others cannot be added.",
        name=name,
        packages=", ".join(_requirements(lesson)),
    )


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _requirements(lesson: Lesson) -> list[str]:
    """Return the names in the lesson's requirements.txt."""
    path = lesson.folder / "requirements.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [re.split(r"[^\w.-]", line)[0] for line in lines if re.match(r"\w", line)]
