"""`grade`: a class of submissions, each judged in a sandbox."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..course.lesson import Lesson
from ..language import _
from .arguments import LESSON, json_option, verb
from .bundling import bundle_for_gradescope

if TYPE_CHECKING:
    from ..processes.sandbox import Level

#: Where the grades go, unless it is said.
_OUT = Path("grades")


@verb(
    "grade",
    _("For graders: mark a class of submissions, each in a sandbox."),
    epilog=_(
        "Exit code 1: something could not be graded; with --replay, the verdict is another one."
    ),
)
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
    from .graded_before import explain_student, judge_again
    from .grading_class import Wanted, executor_for, formats_in, grade_class

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
        code = judge_again(replay, lessons, as_json=as_json)
    elif explain is not None:
        code = explain_student(explain, out, lesson, lessons, policy, as_json=as_json)
    elif paths:
        wanted = Wanted(
            paths, lesson, lessons, out, formats_in(formats), sandbox, seed, policy, resume
        )
        code = grade_class(wanted, executor_for(cluster, jobs, sandbox), as_json=as_json)
    else:
        raise click.UsageError(_("Say where the submissions are: grade PATH…"))
    raise click.exceptions.Exit(code)
