"""`start`: the folder to work in."""

from ..course.lesson import Lesson
from ..language import _
from .arguments import at_option, lesson_argument, verb


@verb("start", _("Make the folder you work in. Your work is never overwritten."))
@lesson_argument
@at_option
def start_(lesson: Lesson, at: str | None) -> None:
    from ..learner.workspace import Workspace
    from .terminal.learner import show_started

    workspace = Workspace()
    was_there = workspace.is_started(lesson)
    workspace.start(lesson, at)
    show_started(workspace, lesson, at, was_there)
