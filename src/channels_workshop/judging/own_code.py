"""Which lines of a judged project its author wrote: what is given, or laid there by a check, is not."""

from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from ..course.lesson import Lesson
from ..course.sections import replace, sections_in, without_markers


class OwnCode:
    """The code of `project`, a copy that is judged by the checks of `lesson`."""

    def __init__(self, lesson: Lesson, project: Path) -> None:
        self._lesson = lesson
        self._project = project
        self._given_lines = cache(self._read_given_lines)

    def is_shown(self, path: PurePosixPath) -> bool:
        """Return whether a file is of the project, and not one that a check has laid there."""
        return self._lesson.is_submitted(path) or path in self._of_the_reference

    def has(self, path: PurePosixPath, line: int) -> bool:
        """Return whether `line` (from 1) of a file may be its author's own.

        A line that stands in the reference, outside of what is to be written, is given.
        """
        if not self._lesson.is_submitted(path):
            return False
        lines = _text_of(self._project / path).splitlines()
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return bool(text) and text not in self._given_lines(path)

    @cached_property
    def _of_the_reference(self) -> set[PurePosixPath]:
        return set(self._lesson.project_files)

    def _read_given_lines(self, path: PurePosixPath) -> set[str]:
        reference = self._lesson.folder / path
        if path not in self._of_the_reference:
            return set()
        to_write = {name for task in self._lesson.tasks for name in task.sections}
        tasks = {name: "" for name in sections_in(reference) if name in to_write}
        text = without_markers(replace(_text_of(reference), tasks))
        return {line.strip() for line in text.splitlines()} - {""}


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # gone, or not Python: no frame stands there
        return ""
