"""`verify`: proof that the checks of lessons are right."""

import json
import signal

import click

from ..language import _
from .arguments import json_option, verb


@verb("verify", _("For authors: prove that the checks of lessons are right."))
@click.argument("lessons", metavar="[NN]…", nargs=-1)
@json_option
@click.option(
    "--times",
    metavar="N",
    type=click.IntRange(min=1),
    default=1,
    help=_("Prove it N times: does all of it hold each time?"),
)
@click.option(
    "--seeds",
    metavar="N",
    type=click.IntRange(min=1),
    help=_("Prove it with N different seeds, from 0 on, so that it can be repeated."),
)
def verify_(lessons: tuple[str, ...], as_json: bool, times: int, seeds: int | None) -> None:
    from ..authoring.verify import Proof, verify
    from ..course.lessons import all_lessons, find_lesson
    from .terminal.proof import Progress, show_proof

    if seeds and times > 1:
        raise click.UsageError(_("--times and --seeds: choose one of them."))
    chosen = [find_lesson(lesson) for lesson in lessons] or all_lessons()
    proof = Proof()
    is_ended = False
    # Ended from outside, it still says what was found: it runs for minutes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Progress(chosen, seeds or times) as progress:
            verify(chosen, progress.advance, times, seeds, proof)
    except KeyboardInterrupt:
        is_ended = True
    if as_json:
        print(json.dumps(proof.to_json(), ensure_ascii=False))
    else:
        show_proof(proof)
    raise click.exceptions.Exit(130 if is_ended else 0 if proof.ok else 1)
