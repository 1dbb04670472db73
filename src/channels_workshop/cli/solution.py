"""`solution`: the reference's own code for a task."""

from ..course.lesson import Lesson
from ..language import _
from .arguments import lesson_argument, task_argument, verb


@verb("solution", _("How the reference solves a task. Your files are not touched."))
@lesson_argument
@task_argument
def solution_(lesson: Lesson, task: str | None) -> None:
    from ..learner.progress import Progress
    from ..learner.solutions import solution
    from .terminal.learner import show_solutions

    show_solutions(lesson, solution(lesson, task, Progress()))
