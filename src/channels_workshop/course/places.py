"""Where in a learner's files each task is to be written, and which tasks they have begun."""

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .lesson import Lesson, Task


@dataclass(frozen=True)
class Place:
    """Where one section of a task is to be written; `line` is from 1.

    `is_untouched` where nothing but the stub stands there.
    """

    task: Task
    section: str
    path: PurePosixPath
    line: int
    is_untouched: bool


def places_in(lesson: Lesson, folder: Path) -> list[Place]:
    """Return where in `folder` the tasks are to be written, as far as their markers are there."""
    found = []
    files: dict[PurePosixPath, list[str]] = {}
    for task in lesson.tasks:
        for section in lesson.sections_of(task):
            path = PurePosixPath(section.path.relative_to(lesson.folder).as_posix())
            if path not in files:
                files[path] = _lines_of(folder / path)
            if place := _section_in(files[path], section.name):
                line, text = place
                is_untouched = text == _plain(lesson.stubs[section.name])
                found.append(Place(task, section.name, path, line, is_untouched))
    return found


def is_begun(task: Task, places: Iterable[Place]) -> bool:
    """Return whether anything but its stubs stands in the `places` of a task."""
    untouched = {place.section for place in places if place.is_untouched}
    return not untouched.issuperset(task.sections)


def begun_tasks(lesson: Lesson, places: Iterable[Place]) -> list[Task]:
    """Return the tasks of which anything is written, in order."""
    places = list(places)
    return [task for task in lesson.tasks if is_begun(task, places)]


def task_above(lesson: Lesson, folder: Path, file: str, line: int | None) -> Task | None:
    """Return the task whose section `line` of `file` in `folder` stands in, or follows.

    None above the first section, and where the markers were deleted.
    """
    above = [
        place
        for place in places_in(lesson, folder)
        if place.path == PurePosixPath(file) and place.line <= (line or 0)
    ]
    return max(above, key=lambda place: place.line).task if above else None


def task_at(lesson: Lesson, folder: Path, file: str, line: int | None) -> Task | None:
    """Return the task that `line` of `file` in `folder` belongs to: the section that it follows.

    Above the first section, or where the markers were deleted, that is the first task with a
    section in the file. None where no task is written there.
    """
    if above := task_above(lesson, folder, file, line):
        return above
    for task in lesson.tasks:
        if any(section.path == lesson.folder / file for section in lesson.sections_of(task)):
            return task
    return None


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):  # the learner's file: anything may be in it
        return []


def _section_in(lines: list[str], section: str) -> tuple[int, str] | None:
    """Return the line of a section's first marker and its plain text, None where it has no marker.

    Without its last marker a section goes on to the end of the file.
    """
    first = _line_with(lines, rf"[ \t]*\S+ TASK {section}\b")
    if first is None:
        return None
    last = _line_with(lines, rf"[ \t]*\S+ END {section}\b")
    return first, _plain("\n".join(lines[first : last and last - 1]))


def _line_with(lines: list[str], beginning: str) -> int | None:
    """Return the number, from 1, of the first line that begins as a regular expression says."""
    return next((n for n, line in enumerate(lines, 1) if re.match(beginning, line)), None)


def _plain(text: str) -> str:
    """Return `text` as it is compared: however far it is indented, whatever blank lines surround it."""
    return textwrap.dedent(text).strip("\n")
