"""Checking the learner's work, once or whenever it is saved."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath

from ..checking.running import check
from ..checking.telling import Failure
from ..checking.verdict import Result, Verdict
from ..course.catalogue import all_lessons
from ..course.lesson import Lesson, Task
from ..language import _, current
from ..serving.backstage import Backstage
from .progress import Progress
from .watch import changes
from .workspace import Workspace, is_begun

#: What is told of checks that failed, by their ids; None where there is only pytest's own text.
Failures = dict[str, Failure | None]
#: Shows a verdict, and what is told of it.
Show = Callable[[Lesson, Verdict, Failures], None]


def check_once(
    lesson: Lesson,
    target: Path | None,
    backstage: Backstage,
    *,
    seed: int | None = None,
    only: list[str] | None = None,
) -> tuple[Verdict, Failures]:
    """Judge `target`, or the learner's own folder where it is None, and keep the progress.

    Returns the verdict and what is told of each failed check; in the learner's own folder, only of
    the tasks that are begun there. Progress is kept only of that folder. Prints nothing. Raises
    Trouble where the lesson is not started.
    """
    workspace = Workspace()
    folder = target or workspace.started_folder(lesson)
    is_own = folder.resolve() == workspace.folder(lesson).resolve()
    places = workspace.places(lesson) if is_own else []
    begun = {task.id for task in lesson.tasks if is_begun(task, places)}
    failures: Failures = {}

    def keep(result: Result, failure: Failure | None) -> None:
        if result.status == "fail" and result.task in begun:
            failures[result.id] = failure

    verdict = check(lesson, folder, backstage, seed=seed, only=only, on_result=keep)
    if is_own:
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
            if target is None:
                for line in what_next(lesson, verdict, failures):
                    print(line, flush=True)
            backstage.warm()  # the next server gets ready while the learner types
            _say_what_changed(next(saves))
    except KeyboardInterrupt:
        print(flush=True)
    return 0 if passed else 1


def what_next(lesson: Lesson, verdict: Verdict, failures: Failures) -> list[str]:
    """Return in some lines what to do where nothing is wrong: the next task, or the next lesson.

    No lines where there is something to be mended first.
    """
    if failures or any(result.status == "error" for result in verdict.checks):
        return []
    for result in verdict.checks:
        if result.status == "fail":
            return _what_to_write(lesson, lesson.task(result.task))
    return _where_to_go(lesson)


def _what_to_write(lesson: Lesson, task: Task) -> list[str]:
    places = [place for place in Workspace().places(lesson) if place.task == task]
    return [
        _("Next: {task}", task=task.title.spoken(current())),
        f"  {task.goal.spoken(current())}",
        *(f"  {place.path}:{place.line}" for place in places),
    ]


def _where_to_go(lesson: Lesson) -> list[str]:
    number = f"{lesson.number:02}"
    following = next((other for other in all_lessons() if other.number > lesson.number), None)
    if following is None:
        text = _(
            "That was the last lesson. How the reference does it: python workshop.py diff {number}",
            number=number,
        )
    else:
        text = _(
            "How the reference does it: python workshop.py diff {number}\n"
            "The next lesson: python workshop.py start {following}",
            number=number,
            following=f"{following.number:02}",
        )
    return text.splitlines()


def _say_what_changed(changed: list[PurePosixPath]) -> None:
    more = " …" if len(changed) > 3 else ""
    files = ", ".join(map(str, changed[:3])) + more
    print(f"\n── {datetime.now():%H:%M:%S}  {files}", flush=True)
