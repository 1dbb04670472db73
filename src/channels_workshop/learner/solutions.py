"""The reference's solutions: shown, and compared with the learner's work. Nothing is edited."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..course.lesson import Lesson, Task
from ..course.project import files_below
from ..course.sections import Section, without_markers
from ..language import _
from .hints import hints_left
from .progress import Progress

#: What a unified diff says of a file that one side does not have.
_NOWHERE = "/dev/null"


@dataclass(frozen=True)
class Solution:
    """A task and its sections in the reference.

    `is_passed` says whether the task has passed, `hints_left` how many of its hints were not shown
    yet.
    """

    task: Task
    sections: list[Section]
    is_passed: bool
    hints_left: int


def solution(lesson: Lesson, task_id: str | None, progress: Progress) -> list[Solution]:
    """Return the solution of a task: the named one, else the first that has not passed, else all.

    Raises WorkshopError for a name that is no task.
    """
    wanted = lesson.find_task(task_id) if task_id else progress.current_task(lesson)
    state = progress.lesson_state(lesson)
    return [
        Solution(
            task,
            lesson.sections_of(task),
            state.passed_task(lesson, task),
            hints_left(lesson, task, progress),
        )
        for task in ([wanted] if wanted else lesson.tasks)
    ]


def difference(lesson: Lesson, folder: Path) -> str:
    """Return the unified diff from the submitted files of `folder` to the reference's.

    Marker lines are left out, and so are the blank lines around them: line numbers are near, not
    exact. An empty text where all is equal.
    """
    paths = {
        path
        for project in (folder, lesson.folder)
        for path in files_below(project)
        if lesson.is_submitted(path)
    }
    return "".join(_file_difference(lesson, folder, path) for path in sorted(paths))


def _file_difference(lesson: Lesson, folder: Path, path: PurePosixPath) -> str:
    yours, reference = _content(folder / path), _content(lesson.folder / path)
    if yours == reference:
        return ""
    try:
        your_lines, its_lines = (
            _without_any_markers(lesson, data or b"").splitlines(keepends=True)
            for data in (yours, reference)
        )
    except UnicodeDecodeError:
        return _("{path} differs and is not text.", path=path) + "\n"
    lines = difflib.unified_diff(
        your_lines,
        its_lines,
        f"yours/{path}" if yours is not None else _NOWHERE,
        f"reference/{path}" if reference is not None else _NOWHERE,
    )
    return "".join(lines)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _without_any_markers(lesson: Lesson, data: bytes) -> str:
    """Return the text in `data` without marker lines, the reference's or the learner's."""
    names = "|".join(name for task in lesson.tasks for name in task.sections)
    learners = re.compile(rf"^[ \t]*\S+ (TASK|END) ({names})\b.*\n?", re.MULTILINE)
    return without_markers(learners.sub("", data.decode()))
