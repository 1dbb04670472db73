"""The course: all lessons, in order, and finding one by what a person types."""

import re
from pathlib import Path

from .. import REPOSITORY
from ..errors import WorkshopError
from ..language import message
from .lesson import Lesson, load_lesson

LESSONS = REPOSITORY / "lessons"


def lesson_folders(lessons: Path = LESSONS) -> list[Path]:
    """Return the folders named `NN_name` that hold a lesson, in order."""
    return sorted(
        folder for folder in lessons.glob("[0-9][0-9]_*") if (folder / "lesson.toml").is_file()
    )


def all_lessons(lessons: Path = LESSONS) -> list[Lesson]:
    """Return every lesson of the course, in order."""
    return [load_lesson(folder) for folder in lesson_folders(lessons)]


def find_lesson(wanted: str) -> Lesson:
    """Return the lesson that `wanted` names: `3`, `03` or `03_chat_consumer`.

    Raises WorkshopError, with the list of lessons, where there is no such lesson.
    """
    folders = lesson_folders()
    for folder in folders:
        number = folder.name.partition("_")[0]
        same_number = re.fullmatch(r"[0-9]{1,2}", wanted) and int(wanted) == int(number)
        if wanted == folder.name or same_number:
            return load_lesson(folder)
    names = ", ".join(folder.name for folder in folders)
    raise WorkshopError(
        message("There is no lesson “{wanted}”.", wanted=wanted),
        message("The lessons are: {names}.", names=names),
    )


def lesson_before(lesson: Lesson) -> Lesson | None:
    """Return the lesson that `lesson` grows from, or None where it has none here."""
    if lesson.extends is not None:
        return lesson.extends
    for folder in lesson_folders():
        if int(folder.name[:2]) == lesson.number - 1:
            return load_lesson(folder)
    return None
