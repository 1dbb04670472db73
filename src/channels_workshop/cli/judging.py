"""Verbs that judge: `check` the learner's work, `verify` a lesson's own checks."""

import json
from pathlib import Path

import click

from ..course.catalogue import all_lessons, find_lesson
from ..language import _
from .arguments import LESSON


@click.command("check", help=_("Check your work on a lesson."))
@click.argument("lesson", metavar="NN", type=LESSON)
@click.option(
    "--target",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=_("Check this folder instead."),
)
@click.option("--watch", is_flag=True, help=_("Check again whenever you save."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON document."))
@click.option("--seed", type=int, help=_("Replay the random part of an earlier run."))
def check_(lesson, target, watch, as_json, seed):
    from ..serving.backstage import Backstage

    with Backstage() as backstage:
        backstage.warm()  # while this process still imports
        from ..learner.checking import check_once, watch_and_check, what_next
        from .output import show_verdict

        if watch:
            raise SystemExit(watch_and_check(lesson, target, backstage, show_verdict))
        verdict, failures = check_once(lesson, target, backstage, seed=seed)
    if as_json:
        print(json.dumps(verdict.to_json(), ensure_ascii=False))
    else:
        show_verdict(lesson, verdict, failures)
        if target is None:
            for line in what_next(lesson, verdict, failures):
                click.echo(line)
    raise click.exceptions.Exit(0 if verdict.status == "pass" else 1)


@click.command("verify", help=_("For authors: prove that the checks of lessons are right."))
@click.argument("lessons", metavar="[NN]…", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON document."))
@click.option(
    "--times",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help=_("Prove it N times: does all of it hold each time?"),
)
def verify_(lessons, as_json, times):
    from .matrix import show_matrix, verify_with_progress

    chosen = [find_lesson(lesson) for lesson in lessons] or all_lessons()
    proof = verify_with_progress(chosen, shown=not as_json, times=times)
    if as_json:
        print(json.dumps(proof.to_json(), ensure_ascii=False))
    else:
        show_matrix(proof)
    raise click.exceptions.Exit(0 if proof.ok else 1)
