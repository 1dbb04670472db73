"""The ladder of hints: each call shows one rung more."""

from dataclasses import dataclass

from ..course.lesson import Lesson, Task
from ..language import current
from .progress import Progress
from .tasks import find_task


@dataclass(frozen=True)
class Rung:
    """What `hint` shows of a task's ladder: rung `number` of `most`, from 1.

    `texts` holds that rung's text alone. Once the last was shown before, `is_repetition` is true
    and `texts` holds all of them again.
    """

    task: Task
    number: int
    most: int
    texts: list[str]
    is_repetition: bool

    @property
    def is_last(self) -> bool:
        """Tell whether nothing comes after this but the solution."""
        return self.number == self.most


def next_hint(lesson: Lesson, task_id: str | None, progress: Progress) -> Rung | None:
    """Return the next rung for a task, and count it as shown.

    The task is the first that the last check did not pass, unless named; None where all passed.
    Raises Trouble for a name that is no task.
    """
    task = find_task(lesson, task_id) if task_id else progress.current_task(lesson)
    if task is None:
        return None
    texts = [hint.spoken(current()) for hint in task.hints]
    shown_before = progress.lesson_state(lesson).hints.get(task.id, 0)
    if shown_before >= len(texts):
        return Rung(task, len(texts), len(texts), texts, is_repetition=True)
    number = progress.show_hint(lesson, task)
    return Rung(task, number, len(texts), [texts[number - 1]], is_repetition=False)


def hints_left(lesson: Lesson, task: Task, progress: Progress) -> int:
    """Return how many rungs of the task's ladder were not shown yet."""
    return max(0, len(task.hints) - progress.lesson_state(lesson).hints.get(task.id, 0))
