"""`diff`: one's own files beside those of the reference."""

from ..course.lesson import Lesson
from ..language import _
from .arguments import lesson_argument, verb


@verb("diff", _("Compare your work with the reference."))
@lesson_argument
def diff_(lesson: Lesson) -> None:
    from ..learner.solutions import difference
    from ..learner.workspace import Workspace
    from .terminal.learner import show_difference

    show_difference(difference(lesson, Workspace().started_folder(lesson)))
