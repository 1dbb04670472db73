"""`verify`: proof that the checks of lessons are right."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from ..course.lesson import Lesson
from ..language import _
from .arguments import json_option, verb


@verb(
    "verify",
    _("For authors: prove that the checks of lessons are right."),
    epilog=_("Exit code 1: something is not proved."),
)
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
@click.option(
    "--quick",
    is_flag=True,
    help=_("Judge each mistake only by the check that must catch it."),
)
@click.option(
    "--mutants",
    is_flag=True,
    help=_("Change the reference in every small way: do the checks notice?"),
)
@click.option(
    "--sample",
    metavar="N",
    type=click.IntRange(min=1),
    help=_("With --mutants: only N of them for each lesson."),
)
@click.option(
    "--undeclared",
    is_flag=True,
    help=_("With --mutants: none of those that are declared to keep the agreement."),
)
@click.option(
    "--seed",
    metavar="N",
    type=int,
    default=0,
    help=_("With --mutants: what chooses the sample, and the random part of the checks."),
)
@click.option(
    "--signatures",
    is_flag=True,
    help=_("Write down how each new mistake shows, so that `grade` can name it."),
)
@click.option(
    "--private",
    metavar=_("FOLDER"),
    type=click.Path(path_type=Path),
    help=_("Prove an instructor's private checks with those of the lessons."),
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help=_("Judge N projects at a time; else two for each core."),
)
def verify_(
    lessons: tuple[str, ...],
    as_json: bool,
    times: int,
    seeds: int | None,
    quick: bool,
    mutants: bool,
    sample: int | None,
    undeclared: bool,
    seed: int,
    signatures: bool,
    private: Path | None,
    jobs: int | None,
) -> None:
    from ..course.extension import extended, extensions
    from ..course.lessons import all_lessons, find_lesson

    if seeds and times > 1:
        raise click.UsageError(_("--times and --seeds: choose one of them."))
    if mutants and times > 1:
        raise click.UsageError(_("--times and --mutants: choose one of them."))
    if mutants and quick:
        raise click.UsageError(_("--quick and --mutants: choose one of them."))
    if sample and not mutants:
        raise click.UsageError(_("--sample goes with --mutants."))
    if undeclared and not mutants:
        raise click.UsageError(_("--undeclared goes with --mutants."))
    if signatures and (mutants or quick or times > 1 or seeds or private):
        raise click.UsageError(_("--signatures goes with --jobs and lessons only."))
    chosen = [find_lesson(lesson) for lesson in lessons] or all_lessons()
    if private is not None:
        chosen = _with_private(chosen, private)
    if signatures:
        _learn_signatures(chosen, jobs)
        return
    with ExitStack() as kept:
        chosen += [
            kept.enter_context(extended(lesson, name))
            for lesson in chosen
            for name in extensions(lesson)
        ]
        if mutants:
            _verify_mutants(chosen, as_json, sample, seed, seeds, jobs, declared=not undeclared)
        else:
            _verify_trials(chosen, as_json, times, seeds, jobs, thorough=not quick)


def _with_private(lessons: list[Lesson], folder: Path) -> list[Lesson]:
    """Return those of `lessons` that have private checks in `folder`, together with these."""
    from ..course.lessons import all_lessons
    from ..grading.private import all_with_private, private_folders

    course = {lesson.name: lesson for lesson in all_lessons()}
    has_private = {place.name for place in private_folders(folder, course)}
    chosen = {lesson.name: lesson for lesson in lessons if lesson.name in has_private}
    if not chosen:
        raise click.UsageError(_("--private: there are no checks of these lessons."))
    together = click.get_current_context().with_resource(all_with_private(course, folder))
    return [together[name] for name in chosen]


def _learn_signatures(lessons: list[Lesson], jobs: int | None) -> None:
    from ..authoring.signatures import learn, unknown_mistakes
    from .terminal.progress import Progress

    total = sum(len(unknown_mistakes(lesson)) for lesson in lessons)
    with _until_ended() as is_ended, Progress(total) as progress:
        learn(lessons, lambda lesson, name: progress.advance(f"{lesson} {name}", True), jobs)
    raise click.exceptions.Exit(130 if is_ended() else 0)


def _verify_trials(
    lessons: list[Lesson],
    as_json: bool,
    times: int,
    seeds: int | None,
    jobs: int | None,
    *,
    thorough: bool,
) -> None:
    from ..authoring.trials import Outcome, trials_of
    from ..authoring.verify import Proof, verify
    from .terminal.progress import Progress
    from .terminal.proof import show_proof

    proof = Proof()
    total = (seeds or times) * sum(len(trials_of(lesson)) for lesson in lessons)
    with _until_ended() as is_ended, Progress(total) as progress:

        def advance(outcome: Outcome) -> None:
            trial = outcome.trial
            progress.advance(f"{trial.lesson.name} {trial}", not outcome.wrong)

        verify(lessons, advance, times, seeds, proof, jobs, thorough=thorough)
    if as_json:
        print(json.dumps(proof.to_json(), ensure_ascii=False))
    else:
        show_proof(proof)
    raise click.exceptions.Exit(130 if is_ended() else 0 if proof.ok else 1)


def _verify_mutants(
    lessons: list[Lesson],
    as_json: bool,
    sample: int | None,
    seed: int,
    seeds: int | None,
    jobs: int | None,
    *,
    declared: bool,
) -> None:
    from .extras import needs

    needs("mutants", "libcst")
    from ..authoring.mutants.judging import Judged, judge_mutants, make_mutants
    from .terminal.mutants import show_mutants
    from .terminal.progress import Progress

    found = make_mutants(lessons, sample=sample, seed=seed, seeds=seeds, declared=declared)
    total = sum(len(lesson.mutants) * len(lesson.seeds) for lesson in found.lessons)
    with _until_ended() as is_ended, Progress(total) as progress:

        def advance(judged: Judged) -> None:
            what = f"{judged.lesson.name} {judged.mutant}"
            progress.advance(what, judged.caught_by is not None)

        judge_mutants(found, advance, jobs)
    if as_json:
        print(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        show_mutants(found)
    raise click.exceptions.Exit(130 if is_ended() else 0 if found.ok else 1)


@contextmanager
def _until_ended() -> Iterator[Callable[[], bool]]:
    """Go on after Ctrl-C, or SIGTERM, with what was found until then; tell whether that was so.

    A proof runs for minutes: what it has reached is worth printing.
    """
    was_ended = False
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield lambda: was_ended
    except KeyboardInterrupt:
        was_ended = True
