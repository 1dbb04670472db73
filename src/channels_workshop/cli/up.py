"""`up`: the pages, the learner's project and its checks, all at once."""

from typing import TYPE_CHECKING

import click

from ..course.lesson import Lesson
from ..language import _
from .arguments import LESSON, verb

if TYPE_CHECKING:
    from ..live.class_link import ClassLink


@verb("up", _("Everything at once: the pages, your project and the checks."))
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(1, 65535),
    help=_("Port of the pages; the next free one if it is taken."),
)
@click.option("--no-browser", is_flag=True, help=_("Open no browser."))
@click.option("--lesson", metavar="NN", type=LESSON, help=_("Start with this lesson."))
@click.option(
    "--class",
    "class_address",
    metavar=_("ADDRESS"),
    help=_("Join the class there: its instructor sees how your checks go."),
)
@click.option("--name", metavar=_("NAME"), help=_("With --class: what you are called there."))
@click.option(
    "--code",
    metavar=_("CODE"),
    help=_("With --class: the class's code, unless it is written after the address."),
)
def up_(
    port: int | None,
    no_browser: bool,
    lesson: Lesson | None,
    class_address: str | None,
    name: str | None,
    code: str | None,
) -> None:
    from ..live.up import PORT, open_workshop
    from .terminal.serving import show_goodbye
    from .terminal.up import UpTerminal

    if class_address is None and (name is not None or code is not None):
        raise click.UsageError(_("--name and --code go with --class."))
    link = None if class_address is None else _link(class_address, name, code)
    open_workshop(lesson, port or PORT, UpTerminal(), show=not no_browser, link=link)
    show_goodbye()


def _link(typed: str, name: str | None, code: str | None) -> "ClassLink":
    """Join the class; return what leads to it. Whoever was in it comes back without name and code."""
    from ..live.class_link import ClassLink, join_class, own_outbox
    from ..live.up import refuse_a_second
    from ..stage.board.joining.address import read_address
    from ..stage.board.joining.connection import Member
    from ..stage.board.limits import LONGEST_NAME
    from ..stage.board.membership import tidied
    from .terminal.console import say

    address = read_address(typed)
    refuse_a_second()
    outbox = own_outbox()
    known = outbox.membership
    name = name if name is not None or known is None else known.name
    if name is None or not tidied(name):
        raise click.UsageError(_("Say who you are: --name NAME"))
    if len(" ".join(name.split())) > LONGEST_NAME:
        raise click.UsageError(_("A name has at most {count} characters.", count=LONGEST_NAME))
    code = code or address.code
    if not code and known is None:
        raise click.UsageError(_("Add the class's code, as the instructor shows it: --code CODE"))
    member = Member(name, code)
    if not join_class(address, member, outbox):
        say(
            _("No class answers at {address} yet. You join as soon as it does.", address=address),
            "yellow",
        )
    return ClassLink(address, member, outbox)
