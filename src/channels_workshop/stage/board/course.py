"""The course as the board knows it: titles, the plan's minutes, how named mistakes show.

A learner's copy may be of another day: what is not known here is called by its id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ...course.lesson import Lesson, Task
from ...course.lessons import all_lessons
from ...course.signatures import MistakesSignature, digest_of, read_signatures
from ...language import Message, verbatim


@dataclass(frozen=True)
class Course:
    """The lessons, in their order."""

    lessons: Sequence[Lesson]

    def lesson(self, name: str | None) -> Lesson | None:
        """Return the lesson of that name, None where there is none here."""
        return next((lesson for lesson in self.lessons if lesson.name == name), None)

    def task(self, lesson: str | None, task: str | None) -> Task | None:
        """Return the task of those ids, None where there is none here."""
        known = self.lesson(lesson)
        return next((one for one in known.tasks if one.id == task), None) if known else None

    def minutes(self, lesson: str | None, task: str | None) -> int:
        """Return how many minutes the plan has for a task, a usual number where it is unknown."""
        known = self.task(lesson, task)
        return known.minutes if known else 12

    def task_title(self, lesson: str, task: str) -> Message:
        """Return what a task is called."""
        known = self.task(lesson, task)
        return _words(known.title.en, known.title.ru) if known else verbatim(task)

    def check_title(self, lesson: str, check: str) -> Message:
        """Return what a check is called."""
        known = self.lesson(lesson)
        found = known and next((one for one in known.checks if one.id == check), None)
        return _words(found.title.en, found.title.ru) if found else verbatim(check)

    def order_of(self, lesson: str, check: str) -> int:
        """Return the place of a check in its lesson, from 0; unknown ones come last."""
        known = self.lesson(lesson)
        ids = [one.id for one in known.checks] if known else []
        return ids.index(check) if check in ids else len(ids)

    def error_title(self, lesson: str, known_error: str | None) -> Message | None:
        """Return what a known error is called, None where it is unknown here."""
        known = self.lesson(lesson)
        errors = known.known_errors if known else []
        found = next((one for one in errors if one.id == known_error), None)
        return _words(found.title.en, found.title.ru) if found else None

    def mistake_title(self, lesson: str, check: str, way: str | None) -> Message | None:
        """Return the one named mistake that makes `check` fail in that way, None if none or several."""
        known = self.lesson(lesson)
        if known is None:
            return None
        found = [
            known.mistakes[name]
            for name, signature in self._signatures[known.name].items()
            if name in known.mistakes
            and signature.digest == digest_of(known.mistakes[name])
            and signature.fails.get(check) == way
        ]
        return _words(found[0].title.en, found[0].title.ru) if len(found) == 1 else None

    @cached_property
    def _signatures(self) -> dict[str, dict[str, MistakesSignature]]:
        return {lesson.name: read_signatures(lesson.folder) for lesson in self.lessons}


def course_here() -> Course:
    """Return the course of this checkout."""
    return Course(all_lessons())


def _words(en: str, ru: str) -> Message:
    return Message("{text}", {"text": Message(en, russian=ru)})
