"""`reset`: a lesson, or its notebook, from its beginning again."""

import click

from ..course.lesson import Lesson
from ..language import _, current
from .arguments import at_option, lesson_argument, verb


@verb("reset", _("Start a lesson over. Your work so far is moved aside, not deleted."))
@lesson_argument
@at_option
@click.option("--notebook", is_flag=True, help=_("Its notebook instead of its project."))
def reset_(lesson: Lesson, at: str | None, notebook: bool) -> None:
    from ..learner.workspace import Workspace
    from .terminal.learner import show_backup, show_started

    if notebook:
        from ..notebooks.copies import NotebookCopies
        from ..notebooks.source import find_notebook

        if at is not None:
            raise click.UsageError(_("--at is about the project: leave it out with --notebook."))
        show_backup(NotebookCopies().reset(find_notebook(lesson.name), current()))
        return
    workspace = Workspace()
    show_backup(workspace.reset(lesson, at))
    show_started(workspace, lesson, at)
