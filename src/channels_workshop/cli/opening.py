"""Verbs that open something: `up`, the whole classroom; `run`, one project."""

import click

from ..language import _
from .arguments import LESSON

_PORT = click.IntRange(1, 65535)


@click.command("up", help=_("The main job: the pages, your project and the checks, all at once."))
@click.option("--port", type=_PORT, help=_("Port of the pages; the next free one if it is taken."))
@click.option("--no-browser", is_flag=True, help=_("Open no browser."))
@click.option("--lesson", metavar="NN", type=LESSON, help=_("Begin with this lesson."))
def up_(port, no_browser, lesson):
    from ..classroom.opening import PORT, open_classroom
    from .opening_output import Terminal, say_goodbye

    open_classroom(lesson, port or PORT, Terminal(), show=not no_browser)
    say_goodbye()


@click.command("run", help=_("Run a lesson's finished project, or yours, as a server."))
@click.argument("lesson", metavar="NN", type=LESSON)
@click.option("--mine", is_flag=True, help=_("Your project; reloaded whenever you save."))
@click.option("--port", type=_PORT, help=_("Port; the next free one if it is taken."))
@click.option("--workers", type=click.IntRange(1, 32), default=1, help=_("How many processes."))
@click.option("--further", metavar="NAME", help=_("With this of the lesson's further steps."))
def run_(lesson, mine, port, workers, further):
    from ..classroom.opening import PROJECT_PORT
    from ..classroom.running import Choice, run_project
    from .opening_output import RunTerminal, say_goodbye

    if mine and further is not None:
        raise click.UsageError(_("--further goes with the finished project, not with --mine."))
    wanted = port or PROJECT_PORT
    choice = Choice(lesson, mine, further)
    if not run_project(choice, wanted, workers, RunTerminal(choice, wanted)):
        raise click.exceptions.Exit(1)
    say_goodbye()
