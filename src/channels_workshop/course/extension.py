"""Extensions: overlays of a finished project that have an agreement and checks of their own.

`further/NAME` is one where it holds a `lesson.toml`. Assembled in a temporary folder (the finished
project, the overlay over it, and what the overlay says and checks) it is a lesson like any other.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from .copies import lay_further, lay_over, write_project
from .lesson import Lesson, load_lesson
from .project import files_below, project_files


def extensions(lesson: Lesson) -> list[str]:
    """Return the names of the overlays in `further/` that are lessons of their own, in order."""
    return [
        name
        for name in lesson.further
        if (lesson.folder / "further" / name / "lesson.toml").is_file()
    ]


@contextmanager
def extended(lesson: Lesson, name: str) -> Iterator[Lesson]:
    """Give the extension `name` of `lesson`, such as `06_operate`; it is gone with the context.

    Raises WorkshopError, with the list of overlays, where the lesson has none of that name, and
    BrokenDescription where the overlay says nothing of itself.
    """
    with tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True) as temporary:
        # Resolved, since a traceback names real paths.
        folder = Path(temporary).resolve() / f"{lesson.number:02}_{name}"
        _assemble(lesson, name, folder)
        yield replace(load_lesson(folder), extends=lesson)


def _assemble(lesson: Lesson, name: str, folder: Path) -> None:
    write_project(lesson, folder)
    lay_further(lesson, name, folder)
    # What its checks speak in is there already: all of the lesson's `tests/` but the checks.
    speech = [
        path for path in files_below(lesson.folder / "tests") if not path.name.startswith("test_")
    ]
    lay_over(lesson.folder / "tests", folder / "tests", speech)
    overlay = lesson.folder / "further" / name
    of_the_project = set(project_files(overlay))
    lay_over(overlay, folder, [path for path in files_below(overlay) if path not in of_the_project])
