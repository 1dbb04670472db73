"""Verbs about the learner's own files: `start`, `diff`, `reset`."""

import click

from ..language import _
from .arguments import LESSON


@click.command("start", help=_("Make the folder you work in. Your work is never overwritten."))
@click.argument("lesson", metavar="NN", type=LESSON)
@click.option("--at", metavar="TASK", help=_("Begin at this task, with those before it done."))
def start_(lesson, at):
    from ..learner.workspace import Workspace
    from .learner_output import show_started

    workspace = Workspace()
    was_there = workspace.is_started(lesson)
    workspace.start(lesson, at)
    show_started(workspace, lesson, at, was_there)


@click.command("reset", help=_("Begin a lesson anew. Your work so far is put aside, not deleted."))
@click.argument("lesson", metavar="NN", type=LESSON)
@click.option("--at", metavar="TASK", help=_("Begin at this task, with those before it done."))
def reset_(lesson, at):
    from ..learner.workspace import Workspace
    from .learner_output import show_backup, show_started

    workspace = Workspace()
    show_backup(workspace.reset(lesson, at))
    show_started(workspace, lesson, at)


@click.command("diff", help=_("Hold your work against the reference."))
@click.argument("lesson", metavar="NN", type=LESSON)
def diff_(lesson):
    from ..learner.answers import difference
    from ..learner.workspace import Workspace
    from .learner_output import show_difference

    show_difference(difference(lesson, Workspace().started_folder(lesson)))
