"""`reset`: a lesson from its beginning again."""

from ..course.lesson import Lesson
from ..language import _
from .arguments import at_option, lesson_argument, verb


@verb("reset", _("Start a lesson over. Your work so far is moved aside, not deleted."))
@lesson_argument
@at_option
def reset_(lesson: Lesson, at: str | None) -> None:
    from ..learner.workspace import Workspace
    from .terminal.learner import show_backup, show_started

    workspace = Workspace()
    show_backup(workspace.reset(lesson, at))
    show_started(workspace, lesson, at)
