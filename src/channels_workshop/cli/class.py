"""`class`: the class board, for instructors; and what a class comes to."""

import json

import click

from ..language import _
from .arguments import json_option, verb


@verb("class", _("For instructors: the class at a glance. Who is where, who is stuck, on what."))
@click.option(
    "--host",
    metavar=_("ADDRESS"),
    default="0.0.0.0",
    help=_("This machine's address in the learners' network; without it, it is found."),
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(1, 65535),
    help=_("Port; the one that the class had before, or the next free one."),
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, 32),
    default=1,
    help=_("How many processes."),
)
@click.option(
    "--new", "is_new", is_flag=True, help=_("Begin a new class; else the last one goes on.")
)
@click.option("--no-browser", is_flag=True, help=_("Open no browser."))
@click.option(
    "--summary", "sums_up", is_flag=True, help=_("What the last class comes to, without names.")
)
@json_option
@click.pass_context
def class_(
    context: click.Context,
    host: str,
    port: int | None,
    workers: int,
    is_new: bool,
    no_browser: bool,
    sums_up: bool,
    as_json: bool,
) -> None:
    from .terminal.board import BoardTerminal, show_summary, summary_json

    if as_json and not sums_up:
        raise click.UsageError(_("--json goes with --summary."))
    if sums_up:
        given = [
            name
            for name in ("host", "port", "workers", "is_new", "no_browser")
            if _is_given(context, name)
        ]
        if given:
            raise click.UsageError(_("--summary goes alone, or with --json."))
        from ..stage.board.holding import summary_of_last

        found = summary_of_last()
        if as_json:
            print(json.dumps(summary_json(found), ensure_ascii=False))
        else:
            show_summary(found)
        return
    from ..processes.network import address_in_network, shared_host
    from ..stage.board.holding import hold_class
    from .terminal.serving import show_goodbye

    finds = not _is_given(context, "host")
    shared = None if finds and address_in_network() is None else shared_host(host)
    hold_class(shared, port, workers, is_new, BoardTerminal(shared, port, opens=not no_browser))
    show_goodbye()


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
