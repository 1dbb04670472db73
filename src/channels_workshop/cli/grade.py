"""`grade`: a class of submissions, each judged in a sandbox."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..course.lesson import Lesson
from ..errors import WorkshopError
from ..invocation import command
from ..language import _, current, message
from .arguments import LESSON, json_option, verb
from .bundling import bundle_for_gradescope
from .extras import needs

if TYPE_CHECKING:
    from ..grading.executors import Executor
    from ..grading.records import Records
    from ..grading.rules import Policy
    from ..processes.sandbox import Level

#: Where the grades go, unless it is said.
_OUT = Path("grades")


@verb("grade", _("For graders: mark a class of submissions, each in a sandbox."))
@click.argument("paths", metavar=_("PATH…"), nargs=-1, type=click.Path(path_type=Path))
@click.option("--lesson", metavar="NN", type=LESSON, help=_("Grade this lesson only."))
@click.option(
    "--out",
    metavar=_("FOLDER"),
    type=click.Path(path_type=Path),
    help=_("Where the grades go; else to grades/."),
)
@click.option(
    "--format",
    "formats",
    metavar="F,…",
    help=_("Which reports to write; else for each student, and of the class, CSV and a page."),
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help=_("Judge N submissions at a time; else two for each core."),
)
@click.option(
    "--sandbox",
    type=click.Choice(["strong", "basic"]),
    default="strong",
    help=_("What walls the submissions in; basic is for work that you trust."),
)
@click.option(
    "--cluster",
    metavar=_("ADDRESS"),
    help=_("Judge on the workers of this Dask cluster; local starts one here."),
)
@click.option("--seed", metavar="N", type=int, help=_("Replay the random part from this number."))
@click.option(
    "--policy",
    "policy_file",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Weights, deadlines and grades, in a TOML file."),
)
@click.option(
    "--private",
    metavar=_("FOLDER"),
    type=click.Path(path_type=Path),
    help=_("Grade by checks of your own, too, which students are not shown."),
)
@click.option("--resume", is_flag=True, help=_("Go on with a grading that was interrupted."))
@click.option(
    "--replay",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Judge one submission of an earlier grading again, from its file in records/."),
)
@click.option(
    "--explain",
    metavar=_("STUDENT"),
    help=_("Say of a graded student where each point comes from."),
)
@click.option(
    "--bundle",
    type=click.Choice(["gradescope"]),
    help=_("Pack a grader of one lesson for this service, into the file --out."),
)
@json_option
def grade_(
    paths: tuple[Path, ...],
    lesson: Lesson | None,
    out: Path | None,
    formats: str | None,
    jobs: int | None,
    sandbox: "Level",
    cluster: str | None,
    seed: int | None,
    policy_file: Path | None,
    private: Path | None,
    resume: bool,
    replay: Path | None,
    explain: str | None,
    bundle: str | None,
    as_json: bool,
) -> None:
    from ..course.lessons import all_lessons
    from ..grading.policy import read_policy
    from ..grading.private import all_with_private
    from ..grading.rules import Policy

    lessons = {one.name: one for one in all_lessons()}
    if private is not None:
        if cluster is not None:
            raise click.UsageError(_("--private and --cluster: choose one of them."))
        together = all_with_private(lessons, private)
        lessons = click.get_current_context().with_resource(together)
    policy = read_policy(policy_file, list(lessons.values())) if policy_file else Policy()
    if bundle is not None:
        bundle_for_gradescope(lesson, out, sandbox, seed, policy_file, private)
        return
    out = out or _OUT
    if out.is_file():
        raise click.UsageError(_("--out: {path} is a file, not a folder.", path=out))
    if replay is not None:
        raise click.exceptions.Exit(_replay(replay, lessons, sandbox, as_json))
    if explain is not None:
        raise click.exceptions.Exit(_explain(explain, out, lesson, lessons, policy, as_json))
    if not paths:
        raise click.UsageError(_("Say where the submissions are: grade PATH…"))
    wanted = _formats(formats)
    executor = _executor_for(cluster, jobs, sandbox)
    code = _grade(
        paths, lesson, lessons, out, wanted, executor, sandbox, seed, policy, resume, as_json
    )
    raise click.exceptions.Exit(code)


def _executor_for(
    cluster: str | None, jobs: int | None, sandbox: "Level"
) -> "Callable[[Mapping[str, Lesson]], Executor]":
    """Return what gives an executor for the lessons that it is told, by name."""
    from ..grading.executors import ThisMachine

    if cluster is None:
        _refuse_missing_walls(sandbox)
        return lambda lessons: ThisMachine(sandbox, jobs)
    needs("cluster", "distributed")
    from ..grading.dask_cluster import LOCAL, DaskCluster
    from .terminal.console import errors, say

    if cluster == LOCAL:
        _refuse_missing_walls(sandbox)
    elif jobs is not None:
        raise click.UsageError(
            _("How many a cluster judges at a time, its workers say: dask worker --nthreads N")
        )
    return lambda lessons: DaskCluster(
        cluster, lessons, sandbox, jobs, tell=lambda what: say(str(what), "yellow", to=errors)
    )


def _grade(
    paths: tuple[Path, ...],
    lesson: Lesson | None,
    lessons: dict[str, Lesson],
    out: Path,
    formats: list[str],
    executor_for: "Callable[[Mapping[str, Lesson]], Executor]",
    sandbox: "Level",
    seed: int | None,
    policy: "Policy",
    resume: bool,
    as_json: bool,
) -> int:
    """Grade what is below `paths`; return the exit code."""
    from ..grading.grading import Grading
    from ..grading.records import open_records
    from ..grading.running_reports import RunningReports
    from ..grading.similar import find_alike
    from ..grading.submissions import find_submissions
    from .terminal.grading import Watching, show_end

    submissions = find_submissions(paths, list(lessons.values()), lesson=lesson)
    _warn_of_unknown(policy, [submission.student for submission in submissions])
    handed_in = {submission.lesson for submission in submissions}
    present = {name: one for name, one in lessons.items() if name in handed_in}
    with open_records(out) as records, executor_for(present) as executor:
        seed = _seed(records, seed, resume=resume)
        grading = Grading(submissions, lessons, records, seed, sandbox, policy)
        grading.begin(resume=resume)
        reports = RunningReports(grading, out, formats, current())
        left = grading.left
        with Watching(len(submissions), len(submissions) - len(left)) as watching:
            for graded in grading.run(executor):
                watching.advance(graded)
                reports.write_seldom()
        reports.write(find_alike(submissions, lessons))
        results = grading.results
    if as_json:
        from ..grading.reports import document

        _print_json(document(results, lessons, seed, sandbox, current()))
    else:
        show_end(results, lessons, out, seed)
    return 1 if any(graded.status == "error" for graded, _mark in results) else 0


def _warn_of_unknown(policy: "Policy", students: list[str]) -> None:
    from ..grading.rules import unknown_students
    from .terminal.console import errors, say

    for name in unknown_students(policy, students):
        say(
            _("The policy has an extension for “{name}”, who handed in nothing.", name=name),
            to=errors,
        )


def _formats(wanted: str | None) -> list[str]:
    """Return the formats that were asked for. Raises UsageError for one that there is not."""
    from ..grading.reports import DEFAULT_FORMATS, FORMATS

    if wanted is None:
        return list(DEFAULT_FORMATS)
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    for name in names:
        if name not in FORMATS:
            raise click.UsageError(
                _(
                    "There is no format “{name}”. There are: {names}.",
                    name=name,
                    names=", ".join(FORMATS),
                )
            )
    return names


def _refuse_missing_walls(sandbox: "Level") -> None:
    from ..processes.sandbox import mend_for_strong, why_not_strong

    if sandbox == "strong" and (missing := why_not_strong()):
        raise WorkshopError(
            message("There is no strong sandbox here. {why}", why=missing),
            message(
                "{mend} For work that you trust, --sandbox basic does without; it keeps out nobody"
                " who means harm.",
                mend=mend_for_strong(),
            ),
        )


def _seed(records: "Records", seed: int | None, *, resume: bool) -> int:
    """Return the seed that was asked for, that of the grading to go on with, or a random one."""
    if seed is None and resume:
        seed = records.seed
    seed = random.randrange(10**6) if seed is None else seed
    records.keep_seed(seed)
    return seed


def _replay(file: Path, lessons: dict[str, Lesson], sandbox: "Level", as_json: bool) -> int:
    """Judge the submission in `file` again; return 0 where the verdict is the same."""
    from ..grading.grading import differences
    from ..grading.marking import mark_order
    from ..grading.records import order_of, read_record
    from ..judging.judge import Judge
    from .terminal.grading import show_replay

    record = read_record(file)
    order, changed = order_of(record, lessons)
    _refuse_missing_walls(order.sandbox)
    with Judge(order.sandbox) as judge:
        graded = mark_order(order, judge)
    found = differences(record.graded.verdict, graded.verdict)
    if as_json:
        differing = [{"id": check, "then": then, "now": now} for check, then, now in found]
        _print_json({"version": 1, "alike": not found, "changed": changed, "checks": differing})
    else:
        show_replay(graded, found, changed)
    return 1 if found else 0


def _explain(
    student: str,
    out: Path,
    lesson: Lesson | None,
    lessons: dict[str, Lesson],
    policy: "Policy",
    as_json: bool,
) -> int:
    """Print where each point of a student comes from."""
    from ..grading.explaining import explain, explanation
    from ..grading.grading import marked
    from ..grading.records import Records

    records = Records(out)
    wanted = [
        one for one in records.of_student(student) if lesson is None or one.lesson == lesson.name
    ]
    if not wanted:
        names = {one.student: None for one in records.all()}
        raise WorkshopError(
            message("{folder} has no grades of “{student}”.", folder=str(out), student=student),
            message("It has those of: {names}.", names=", ".join(names))
            if names
            else message("Grade first: {command}", command=command("grade PATH…")),
        )
    results = marked(wanted, policy, lessons)
    if as_json:
        _print_json([explanation(mark, one, current()) for one, mark in results])
    else:
        for one, mark in results:
            click.echo(explain(mark, one, lessons.get(one.lesson), current()))
    return 0


def _print_json(document: object) -> None:
    from ..grading.reports.json_file import json_file

    click.echo(json_file(document).decode(), nl=False)
