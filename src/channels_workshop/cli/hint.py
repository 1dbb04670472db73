"""`hint`: a little more with each call."""

from ..course.lesson import Lesson
from ..language import _
from .arguments import lesson_argument, task_argument, verb


@verb("hint", _("A hint for the task you are at; each time it says a little more."))
@lesson_argument
@task_argument
def hint_(lesson: Lesson, task: str | None) -> None:
    from ..learner.hints import next_hint
    from ..learner.progress import Progress
    from .terminal.learner import show_hint

    show_hint(lesson, next_hint(lesson, task, Progress()))
