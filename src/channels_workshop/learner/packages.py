"""A package that the learner's project imports and that is not installed here."""

import importlib.util
import re
from pathlib import Path

from ..course.lesson import Lesson
from ..language import Message, message

_MISSING = re.compile(r"^ModuleNotFoundError: No module named '([\w.]+)'", re.MULTILINE)


def missing_package(lesson: Lesson, folder: Path, traceback: str) -> Message | None:
    """Return what the course says to a package of others that `traceback` shows to be missing.

    None where none is, or where the missing module is one of the project in `folder`.
    """
    found = _MISSING.findall(traceback)
    if not found:
        return None
    name = found[-1].partition(".")[0]
    is_own = (folder / name).exists() or (folder / f"{name}.py").exists()
    if is_own or _is_installed(name):
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
