"""What everybody in the classroom sees: the lesson, its project, the last verdict."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from ..checking.telling import Failure
from ..checking.verdict import Result, Verdict
from ..course.lesson import Lesson, Task
from ..learner.progress import LessonState


@dataclass(frozen=True)
class Board:
    """How things stand at one moment; another board takes its place when something happens.

    `folder` is the learner's, or None while the lesson is not started and the reference is served
    at `address`. `changed` are the files saved last; `broken` is why the project with them does not
    start, `at` when that or the verdict was found. `so_far` holds the results of the check that
    runs, None while none does; `verdict` and `failures` are of the last one that ended, `trouble`
    why it could not. `printed` are the project's last lines.
    """

    lesson: Lesson
    address: str
    state: LessonState
    folder: Path | None = None
    broken: str = ""
    changed: tuple[PurePosixPath, ...] = ()
    so_far: tuple[Result, ...] | None = None
    verdict: Verdict | None = None
    failures: dict[str, Failure] = field(default_factory=dict)
    at: datetime | None = None
    trouble: str = ""
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
    def first_failure(self) -> tuple[Result, Failure | None] | None:
        """The first check that the verdict does not pass, and what is told of it."""
        for result in self.verdict.checks if self.verdict else []:
            if result.status in ("fail", "error"):
                return result, self.failures.get(result.id)
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
