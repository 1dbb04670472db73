"""`grade PATH…`: judges a class, and shows how far it is."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..course.lesson import Lesson
from ..errors import WorkshopError
from ..language import _, current, message
from .extras import needs

if TYPE_CHECKING:
    from ..grading.executors import Executor
    from ..grading.records import Records
    from ..grading.rules import Policy
    from ..processes.sandbox import Level

#: Gives an executor for the lessons that it is told, by name.
ExecutorFor = Callable[[Mapping[str, Lesson]], "Executor"]


@dataclass(frozen=True)
class Wanted:
    """What is to be graded, and how: what the options of `grade` say."""

    paths: tuple[Path, ...]
    lesson: Lesson | None
    lessons: dict[str, Lesson]
    out: Path
    formats: list[str]
    sandbox: "Level"
    seed: int | None
    policy: "Policy"
    resume: bool


def grade_class(wanted: Wanted, executor_for: ExecutorFor, *, as_json: bool) -> int:
    """Grade a class and print what came of it; return the exit code. Raises WorkshopError."""
    from ..grading.grading import Grading
    from ..grading.records import open_records
    from ..grading.running_reports import RunningReports
    from ..grading.similar import find_alike
    from ..grading.submissions import find_submissions
    from .terminal.grading import Watching, show_end

    lessons = wanted.lessons
    submissions = find_submissions(wanted.paths, list(lessons.values()), lesson=wanted.lesson)
    _warn_of_unknown(wanted.policy, [submission.student for submission in submissions])
    handed_in = {submission.lesson for submission in submissions}
    present = {name: lesson for name, lesson in lessons.items() if name in handed_in}
    with executor_for(present) as executor, open_records(wanted.out) as records:
        seed = _seed(records, wanted)
        grading = Grading(submissions, lessons, records, seed, wanted.sandbox, wanted.policy)
        grading.begin(resume=wanted.resume)
        reports = RunningReports(grading, wanted.out, wanted.formats, current())
        with Watching(len(submissions), len(submissions) - len(grading.left)) as watching:
            for graded in grading.run(executor):
                watching.advance(graded)
                reports.write_seldom()
        reports.write(find_alike(submissions, lessons))
        results = grading.results
    if as_json:
        from ..grading.reports import document, json_file

        printed = json_file(document(results, lessons, seed, wanted.sandbox, current()))
        print(printed.decode(), end="")
    else:
        show_end(results, lessons, wanted.out, seed)
    return 1 if any(graded.status == "error" for graded, _mark in results) else 0


def _warn_of_unknown(policy: "Policy", students: list[str]) -> None:
    from ..grading.rules import unknown_students
    from .terminal.console import errors, say

    for name in unknown_students(policy, students):
        say(
            _("The policy has an extension for “{name}”, who handed in nothing.", name=name),
            to=errors,
        )


def _seed(records: "Records", wanted: Wanted) -> int:
    """Return the seed that was asked for, that of the grading to go on with, or a random one."""
    seed = wanted.seed
    if seed is None and wanted.resume:
        seed = records.seed
    seed = random.randrange(10**6) if seed is None else seed
    records.keep_seed(seed)
    return seed


def executor_for(cluster: str | None, jobs: int | None, sandbox: "Level") -> ExecutorFor:
    """Return what judges: this machine, or the cluster of that address. Raises WorkshopError."""
    from ..grading.executors import ThisMachine

    def on_this_machine(_lessons: Mapping[str, Lesson]) -> "Executor":
        refuse_missing_walls(sandbox)
        return ThisMachine(sandbox, jobs)

    if cluster is None:
        return on_this_machine
    needs("cluster", "distributed")
    from ..grading.dask_cluster import LOCAL, DaskCluster
    from .terminal.console import errors, say

    if cluster == LOCAL:
        refuse_missing_walls(sandbox)
    elif jobs is not None:
        raise click.UsageError(
            _("How many a cluster judges at a time, its workers say: dask worker --nthreads N")
        )
    return lambda lessons: DaskCluster(
        cluster, lessons, sandbox, jobs, tell=lambda what: say(str(what), "yellow", to=errors)
    )


def formats_in(wanted: str | None) -> list[str]:
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


def refuse_missing_walls(sandbox: "Level") -> None:
    """Raise WorkshopError where a strong sandbox is asked for, and cannot be built here."""
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
