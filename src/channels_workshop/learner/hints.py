"""A task's hints: each call shows one more."""

from dataclasses import dataclass

from ..course.lesson import Lesson, Task
from ..language import current
from .progress import Progress


@dataclass(frozen=True)
class Hint:
    """What `hint` shows: hint `number` of `most`, from 1.

    `texts` holds that hint's text alone. Once the last was shown before, `is_repetition` is true
    and `texts` holds all of them.
    """

    task: Task
    number: int
    most: int
    texts: list[str]
    is_repetition: bool

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after this but the solution."""
        return self.number == self.most


def next_hint(lesson: Lesson, task_id: str | None, progress: Progress) -> Hint | None:
    """Return the next hint for a task, and count it as shown.

    The task is the first that has not passed, unless named; None where all have passed. Raises
    WorkshopError for a name that is no task.
    """
    task = lesson.find_task(task_id) if task_id else progress.current_task(lesson)
    if task is None:
        return None
    texts = [hint.spoken(current()) for hint in task.hints]
    shown_before = progress.lesson_state(lesson).hints.get(task.id, 0)
    if shown_before >= len(texts):
        return Hint(task, len(texts), len(texts), texts, is_repetition=True)
    number = progress.show_hint(lesson, task)
    return Hint(task, number, len(texts), [texts[number - 1]], is_repetition=False)


def hints_left(lesson: Lesson, task: Task, progress: Progress) -> int:
    """Return how many of the task's hints were not shown yet."""
    return max(0, len(task.hints) - progress.lesson_state(lesson).hints.get(task.id, 0))
