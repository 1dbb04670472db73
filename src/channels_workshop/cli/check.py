"""`check`: the checks on a learner's work, once or at each save."""

import json
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..course.extension import extended
from ..course.lesson import Lesson
from ..language import _
from .arguments import json_option, lesson_argument, verb
from .judging_process import judge

if TYPE_CHECKING:
    from ..judging.judge import Judge
    from ..learner.attempt import Attempt


@verb(
    "check",
    _("Check your work on a lesson."),
    epilog=_("Exit code 1: a check has failed, or the project does not start."),
)
@lesson_argument
@click.option(
    "--target",
    metavar=_("FOLDER"),
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=_("Check this folder instead."),
)
@click.option(
    "--further",
    metavar=_("NAME"),
    help=_("Judge by the agreement of this overlay from the lesson's further/ folder."),
)
@click.option("--watch", is_flag=True, help=_("Check again whenever you save."))
@click.option("-v", "--verbose", is_flag=True, help=_("Show every failure, and all of it."))
@json_option
@click.option("--seed", metavar="N", type=int, help=_("Replay the random part of an earlier run."))
def check_(
    lesson: Lesson,
    target: Path | None,
    further: str | None,
    watch: bool,
    verbose: bool,
    as_json: bool,
    seed: int | None,
) -> None:
    if watch and as_json:
        raise click.UsageError(_("--watch is for people, --json for programs: choose one of them."))
    with ExitStack() as kept:
        judging = kept.enter_context(judge())
        # First, since a name that there is none of is the plainer mistake.
        judged_by = kept.enter_context(extended(lesson, further)) if further is not None else None
        attempt = _attempt(lesson, target)
        if judged_by is not None:
            attempt = replace(attempt, lesson=judged_by, is_own=False)
        if as_json:
            code = check_for_program(attempt, judging, seed)
        elif watch:
            from .watching import watch_and_check

            code = watch_and_check(attempt, judging, seed=seed, verbose=verbose)
        else:
            code = check_for_person(attempt, judging, seed=seed, verbose=verbose)
    raise click.exceptions.Exit(code)


def _attempt(lesson: Lesson, target: Path | None) -> "Attempt":
    from ..learner.attempt import attempt_in, own_attempt
    from .terminal.console import errors, say

    if target is None:
        return own_attempt(lesson)
    attempt = attempt_in(lesson, target)
    if attempt.was_inside:
        say(_("Found the project inside: {folder}", folder=attempt.folder), to=errors)
    return attempt


def check_for_program(attempt: "Attempt", judging: "Judge", seed: int | None = None) -> int:
    """Print the verdict as one JSON document; return the exit code."""
    from ..judging.reports import verdict_json

    verdict = judging.verdict(attempt.job(seed=seed, stops_early=False))
    attempt.judged(verdict)
    print(json.dumps(verdict_json(attempt.lesson, verdict), ensure_ascii=False))
    return 0 if verdict.status == "pass" else 1


def check_for_person(
    attempt: "Attempt", judging: "Judge", *, seed: int | None = None, verbose: bool = False
) -> int:
    """Print the verdict and what comes next; return the exit code. Raises WorkshopError."""
    from .terminal.checking import follow
    from .terminal.verdict import show_end, show_verdict

    verdict = follow(judging.judge(attempt.job(seed=seed)))
    judged = attempt.judged(verdict)
    show_verdict(judged, verbose=verbose)
    show_end(attempt, judged)
    return 0 if verdict.status == "pass" else 1
