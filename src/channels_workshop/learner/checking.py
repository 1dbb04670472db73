"""Checking the learner's work, once or whenever it is saved."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath

from ..checking.running import check
from ..checking.telling import Failure
from ..checking.verdict import Result, Verdict
from ..course.catalogue import all_lessons
from ..course.lesson import Lesson
from ..language import _
from ..serving.backstage import Backstage
from .progress import Progress
from .watch import changes
from .workspace import Workspace

#: Shows a verdict, with what is told of each check that failed, by its id.
Show = Callable[[Lesson, Verdict, dict[str, Failure]], None]


def check_once(
    lesson: Lesson,
    target: Path | None,
    backstage: Backstage,
    *,
    seed: int | None = None,
    only: list[str] | None = None,
) -> tuple[Verdict, dict[str, Failure]]:
    """Judge `target`, or the learner's own folder where it is None, and keep the progress.

    Returns the verdict and what is told of each failed check, by its id. Progress is kept only of
    the learner's own folder. Prints nothing. Raises Trouble where the lesson is not started.
    """
    workspace = Workspace()
    folder = target or workspace.started_folder(lesson)
    failures: dict[str, Failure] = {}

    def keep(result: Result, failure: Failure | None) -> None:
        if failure is not None:
            failures[result.id] = failure

    verdict = check(lesson, folder, backstage, seed=seed, only=only, on_result=keep)
    if folder.resolve() == workspace.folder(lesson).resolve():
        Progress().record(lesson, verdict)
    return verdict, failures


def watch_and_check(lesson: Lesson, target: Path | None, backstage: Backstage, show: Show) -> int:
    """Check now and after each save, until Ctrl-C; return the exit code of the last verdict."""
    folder = target or Workspace().started_folder(lesson)
    saves = changes(lesson, folder)
    passed = False
    print(_("Watching {folder}. Save to check, Ctrl-C to end.", folder=folder), flush=True)
    try:
        while True:
            verdict, failures = check_once(lesson, target, backstage)
            passed = verdict.status == "pass"
            show(lesson, verdict, failures)
            if target is None and passed:
                print(what_next(lesson, verdict), flush=True)
            backstage.warm()  # the next server gets ready while the learner types
            _say_what_changed(next(saves))
    except KeyboardInterrupt:
        print(flush=True)
    return 0 if passed else 1


def what_next(lesson: Lesson, verdict: Verdict) -> str:
    """Return what to do once all of `lesson` has passed; an empty text before that."""
    if verdict.status != "pass":
        return ""
    number = f"{lesson.number:02}"
    following = next((other for other in all_lessons() if other.number > lesson.number), None)
    if following is None:
        return _(
            "That was the last lesson. How the reference does it: python workshop.py diff {number}",
            number=number,
        )
    return _(
        "How the reference does it: python workshop.py diff {number}\n"
        "The next lesson: python workshop.py start {following}",
        number=number,
        following=f"{following.number:02}",
    )


def _say_what_changed(changed: list[PurePosixPath]) -> None:
    more = " …" if len(changed) > 3 else ""
    files = ", ".join(map(str, changed[:3])) + more
    print(f"\n── {datetime.now():%H:%M:%S}  {files}", flush=True)
