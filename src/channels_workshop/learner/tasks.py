"""Finding a task by what a person types."""

from ..course.lesson import Lesson, Task
from ..language import _
from ..trouble import Trouble


def find_task(lesson: Lesson, wanted: str) -> Task:
    """Return the task of `lesson` with the id `wanted`. Raises Trouble, with the list of tasks."""
    for task in lesson.tasks:
        if task.id == wanted:
            return task
    names = ", ".join(task.id for task in lesson.tasks)
    raise Trouble(
        _("Lesson {lesson} has no task “{wanted}”.", lesson=lesson.name, wanted=wanted),
        _("Its tasks are: {names}.", names=names),
    )
