"""`run`: one project as a server, for people."""

import click

from ..course.lesson import Lesson
from ..language import _
from .arguments import lesson_argument, verb


@verb(
    "run",
    _("Run a lesson's finished project, or yours, as a server."),
    epilog=_("Exit code 1: the project has ended by itself."),
)
@lesson_argument
@click.option("--mine", is_flag=True, help=_("Your project; reloaded whenever you save."))
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(1, 65535),
    help=_("Port; the next free one if it is taken, except with --host."),
)
@click.option(
    "--host",
    metavar=_("ADDRESS"),
    help=_("Let others in this network join: your address in it; 0.0.0.0 finds it by itself."),
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, 32),
    default=1,
    help=_("How many processes."),
)
@click.option(
    "--further", metavar=_("NAME"), help=_("Add this overlay from the lesson's further/ folder.")
)
@click.option(
    "--example", is_flag=True, help=_("The example of the lesson's page, not the project.")
)
@click.option(
    "--watch-frames",
    is_flag=True,
    help=_("With the frame microscope beside it: all that passes through, on a page."),
)
def run_(
    lesson: Lesson,
    mine: bool,
    port: int | None,
    host: str | None,
    workers: int,
    further: str | None,
    example: bool,
    watch_frames: bool,
) -> None:
    from ..live.run import Choice, Place, run_project
    from ..processes.network import shared_host
    from .terminal.run import RunTerminal
    from .terminal.serving import show_goodbye

    if mine and further is not None:
        raise click.UsageError(_("--further goes with the finished project, not with --mine."))
    if example and (mine or further is not None):
        raise click.UsageError(_("--example goes alone: without --mine and --further."))
    choice = Choice(lesson, mine, further, example, watch_frames)
    place = Place(port, None if host is None else shared_host(host))
    if not run_project(choice, place, workers, RunTerminal(choice, place)):
        raise click.exceptions.Exit(1)
    show_goodbye()
