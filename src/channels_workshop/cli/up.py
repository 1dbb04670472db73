"""`up`: the pages, the learner's project and its checks, all at once."""

import click

from ..course.lesson import Lesson
from ..language import _
from .arguments import LESSON, verb


@verb("up", _("Everything at once: the pages, your project and the checks."))
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(1, 65535),
    help=_("Port of the pages; the next free one if it is taken."),
)
@click.option("--no-browser", is_flag=True, help=_("Open no browser."))
@click.option("--lesson", metavar="NN", type=LESSON, help=_("Start with this lesson."))
def up_(port: int | None, no_browser: bool, lesson: Lesson | None) -> None:
    from ..live.up import PORT, open_workshop
    from .terminal.serving import show_goodbye
    from .terminal.up import UpTerminal

    open_workshop(lesson, port or PORT, UpTerminal(), show=not no_browser)
    show_goodbye()
