"""What everybody in the classroom sees: the lesson, its project, the last verdict."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from ..checking.telling import Failure
from ..checking.verdict import Result, Verdict
from ..course.lesson import Lesson, Task
from ..learner.checking import Failures
from ..learner.progress import LessonState
from ..learner.workspace import Place, is_begun
from ..serving.redis import PeoplesRedis


@dataclass(frozen=True)
class Board:
    """How things stand at one moment; another board takes its place when something happens.

    `folder` is the learner's, or None while the lesson is not started and the reference is served
    at `address`. `changed` are the files saved last; `broken` is why the project with them does not
    start, `at` when that or the verdict was found. `so_far` holds the results of the check that
    runs, None while none does, and `failures_so_far` what is told of them; `verdict` and `failures`
    are of the last one that ended, `trouble` why it could not. Of a task that is not begun no
    failure is told. `places` is where the tasks are to be written, `printed` the project's last
    lines.
    """

    lesson: Lesson
    address: str
    state: LessonState
    folder: Path | None = None
    broken: str = ""
    changed: tuple[PurePosixPath, ...] = ()
    so_far: tuple[Result, ...] | None = None
    failures_so_far: Failures = field(default_factory=dict)
    verdict: Verdict | None = None
    failures: Failures = field(default_factory=dict)
    at: datetime | None = None
    trouble: str = ""
    places: tuple[Place, ...] = ()
    printed: tuple[str, ...] = ()

    @property
    def is_checking(self) -> bool:
        """Tell whether a check is under way."""
        return self.so_far is not None

    @property
    def starts(self) -> bool:
        """Tell whether the project started, both for people and for the last check."""
        return not self.broken and (self.verdict is None or self.verdict.message is None)

    @property
    def traceback(self) -> str:
        """Why the project does not start, or an empty text."""
        return self.broken or (self.verdict.message if self.verdict else None) or ""

    def passed(self, task: Task) -> bool:
        """Tell whether the last check passed `task`."""
        return self.state.passed_task(self.lesson, task)

    @property
    def current_task(self) -> Task | None:
        """The first task that the last check did not pass, None where all passed."""
        return next((task for task in self.lesson.tasks if not self.passed(task)), None)

    @property
    def begun_tasks(self) -> list[Task]:
        """The tasks of which the learner has written anything."""
        return [task for task in self.lesson.tasks if is_begun(task, self.places)]

    @property
    def first_failure(self) -> tuple[Result, Failure | None] | None:
        """The first check that does not pass, and what is told of it.

        While a check runs, that of the verdict stands until it is found to pass, or another one
        to fail. A check of a task that nobody has begun is no failure: the work is just to be done.
        """
        so_far = self.so_far or ()
        if found := _first_failing(so_far, self.failures_so_far):
            return found
        found = _first_failing(self.verdict.checks if self.verdict else (), self.failures)
        is_outdated = found and found[0].id in {result.id for result in so_far}
        return None if is_outdated else found


def _first_failing(
    results: Iterable[Result], failures: Failures
) -> tuple[Result, Failure | None] | None:
    for result in results:
        if result.status == "error" or (result.status == "fail" and result.id in failures):
            return result, failures.get(result.id)
    return None


class Audience:
    """Somebody who is told what happens. Called from the desk's threads, one call at a time."""

    def board_changed(self, board: Board) -> None:
        """Anything has changed."""

    def project_served(self, board: Board) -> None:
        """Another project is served, or the same one anew, or it does not start."""
        self.board_changed(board)

    def verdict_given(self, board: Board) -> None:
        """A check has ended with a verdict, or something went wrong: `board.trouble`."""
        self.board_changed(board)

    def lines_printed(self, lines: list[str]) -> None:
        """The project has printed something."""

    def redis_chosen(self, redis: PeoplesRedis) -> None:
        """A lesson has a Redis beside it; this one is used from now on."""
