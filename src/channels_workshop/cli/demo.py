"""`demo`: a lesson's demo before a room; a rehearsal with no hands; a recording of it."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..course.lesson import Lesson
from ..language import _
from .arguments import LESSON, json_option, verb

if TYPE_CHECKING:
    from ..stage.demo.script import Demo


@verb(
    "demo",
    _("For instructors: show a lesson's demo, live and step by step."),
    epilog=_("Exit code 1: a rehearsal has failed, or what was to be recorded did not come."),
)
@click.argument("lesson", metavar="[NN]", type=LESSON, required=False)
@click.option(
    "--rehearse", is_flag=True, help=_("Play it with no hands; without NN, every demo there is.")
)
@click.option(
    "--times",
    metavar="N",
    type=click.IntRange(min=1),
    help=_("With --rehearse: so many times, each forwards and then to random places."),
)
@click.option("--seed", metavar="N", type=int, help=_("With --rehearse: what chooses the places."))
@json_option
@click.option(
    "--record",
    metavar=_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Play it once, and write a page that replays it, without network."),
)
@click.option(
    "--host",
    metavar=_("ADDRESS"),
    help=_("Serve it at this address of the machine too: to present from a phone."),
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(1, 65535),
    help=_("Port; the next free one if it is taken."),
)
@click.option("--no-browser", is_flag=True, help=_("Open no browser."))
def demo_(
    lesson: Lesson | None,
    rehearse: bool,
    times: int | None,
    seed: int | None,
    as_json: bool,
    record: Path | None,
    host: str | None,
    port: int | None,
    no_browser: bool,
) -> None:
    from ..stage.demo.script import all_demos, find_demo

    if (times or seed is not None or as_json) and not rehearse:
        raise click.UsageError(_("--times, --seed and --json go with --rehearse."))
    if record and rehearse:
        raise click.UsageError(_("--rehearse and --record: choose one of them."))
    if (host is not None or port) and (rehearse or record):
        raise click.UsageError(_("--host and --port are for a demo that is shown."))
    if lesson is None and not rehearse:
        raise click.UsageError(LESSON.get_missing_message(demo_.params[0], None))
    if rehearse:
        demos = [find_demo(lesson)] if lesson else all_demos()
        _rehearse(demos, times or 1, seed or 0, as_json)
        return
    assert lesson
    demo = find_demo(lesson)
    if record:
        _record(demo, record)
        return
    from ..processes.network import shared_host
    from ..stage.demo.showing import PORT, show
    from .terminal.demo import DemoTerminal
    from .terminal.serving import show_goodbye

    shared = None if host is None else shared_host(host)
    show(demo, port or PORT, shared, DemoTerminal(port or PORT, opens=not no_browser))
    show_goodbye()


def _rehearse(demos: "list[Demo]", times: int, seed: int, as_json: bool) -> None:
    from ..processes.supervisor import Supervisor
    from ..stage.demo.rehearsal import Rehearsed, all_came, rehearse
    from .terminal.demo import rehearsal_json, show_rehearsed

    rehearsals: list[Rehearsed] = []
    with Supervisor() as supervisor:
        for demo in demos:
            rehearsals.append(asyncio.run(rehearse(demo, supervisor, times, seed)))
            if not as_json:
                show_rehearsed(rehearsals[-1])
    if as_json:
        print(json.dumps(rehearsal_json(rehearsals, seed), ensure_ascii=False))
    if not all_came(rehearsals):
        raise click.exceptions.Exit(1)


def _record(demo: "Demo", file: Path) -> None:
    from ..stage.demo.recording import record
    from .terminal.console import say
    from .terminal.demo import show_rehearsed

    rehearsed = record(demo, file)
    if rehearsed.failed:
        show_rehearsed(rehearsed)
        raise click.exceptions.Exit(1)
    say(_("{path} was written.", path=file))
