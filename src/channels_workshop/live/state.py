"""What `up` knows at one moment: the lesson, its project, the last verdict."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from ..course.lesson import Lesson, Task
from ..course.places import Place, is_begun
from ..errors import WorkshopError
from ..judging.failure import DoesNotRun
from ..judging.verdict import Result, Verdict
from ..learner.attempt import Judged
from ..learner.overview import Standing
from ..learner.progress import LessonState
from ..processes.redis import PeoplesRedis
from ..stage.board.joining.connection import Link
from .site import Site

Status = Literal["not_started", "problem", "broken", "looking", "passed", "underway"]


@dataclass(frozen=True)
class Line:
    """A line that the learner's project printed; `number` counts them from 1.

    `while_checked`: printed by the copy that is judged, not by the project that people see.
    """

    number: int
    text: str
    while_checked: bool = False


@dataclass(frozen=True)
class Attendance:
    """How it stands with the class at `address`, on whose board the learner is called `name`.

    `refusal` is why the class lets nobody in. `hand`: it is up. `shows_code`: the instructor may look
    at the files. `asked`: “May I help?” waits for an answer.
    """

    address: str
    name: str
    link: Link = "connecting"
    refusal: WorkshopError | None = None
    hand: bool = False
    shows_code: bool = False
    asked: bool = False


@dataclass(frozen=True)
class State:
    """How things stand; another State takes its place when something happens.

    `folder` is the learner's, or None while the lesson is not started and the reference is served
    at `address`. `changed` are the files saved last; `at` is when the project was found broken, or
    was judged. `broken` is why the project with these files does not start. `so_far` holds the
    results of the check that runs, of `to_run` checks, and is None while none does; `judged` is the
    last verdict, `problem` why there is none. `places` is where the tasks are to be written.
    `reference_saved` are files of the reference that somebody edits, `lines` the last lines that the
    project printed; `attendance` is there where the learner has joined a class.
    """

    lesson: Lesson
    address: str
    progress: LessonState
    course: tuple[Standing, ...] = ()
    folder: Path | None = None
    places: tuple[Place, ...] = ()
    changed: tuple[PurePosixPath, ...] = ()
    at: datetime | None = None
    broken: DoesNotRun | None = None
    so_far: tuple[Result, ...] | None = None
    to_run: int = 0
    judged: Judged | None = None
    problem: WorkshopError | None = None
    reference_saved: tuple[PurePosixPath, ...] = ()
    lines: tuple[Line, ...] = ()
    redis: PeoplesRedis | None = None
    site: Site = field(default_factory=Site)
    attendance: Attendance | None = None

    @property
    def is_checking(self) -> bool:
        """Return whether a check is under way."""
        return self.so_far is not None

    @property
    def verdict(self) -> Verdict | None:
        """The last verdict on what is here now."""
        return self.judged.verdict if self.judged else None

    @property
    def does_not_run(self) -> DoesNotRun | None:
        """Why the project does not start, for people or for the last check."""
        return self.broken or (self.verdict.broken if self.verdict else None)

    @property
    def status(self) -> Status:
        """The one word that the panel is about."""
        if self.folder is None:
            return "not_started"
        if self.problem:
            return "problem"
        if self.does_not_run:
            return "broken"
        if self.verdict is None:
            return "looking"
        return "passed" if self.verdict.status == "pass" else "underway"

    def passed(self, task: Task) -> bool:
        """Return whether `task` has passed, whatever does not start just now."""
        return self.progress.passed_task(self.lesson, task)

    @property
    def current_task(self) -> Task | None:
        """The first task that has not passed, None where all have."""
        return next((task for task in self.lesson.tasks if not self.passed(task)), None)

    def is_begun(self, task: Task) -> bool:
        """Return whether the learner has written anything of `task`."""
        return is_begun(task, self.places)

    @property
    def latest(self) -> dict[str, Result]:
        """The result of each check that was judged, by id: the check that runs has the last word.

        Nothing is known of a project that does not start.
        """
        judged = self.verdict.checks if self.verdict and not self.verdict.broken else ()
        known = [*judged, *(self.so_far or ())]
        return {result.id: result for result in known}

    @property
    def first_failure(self) -> Result | None:
        """The check that calls for a fix: the first failure of the check that runs.

        Until it finds one, that of the last verdict stands, unless it passes by now. A check of a
        task that nobody has begun is no failure: the work is just to be done.
        """
        if self.folder is None or self.does_not_run:
            return None
        running = Verdict(self.lesson.name, str(self.folder), list(self.so_far or ()))
        found = Judged(self.lesson, self.folder, running, list(self.places)).failures
        if not found and self.judged:
            known = {result.id for result in running.checks}
            found = [result for result in self.judged.failures if result.id not in known]
        return found[0] if found else None


#: Called with the state before and after each change.
Listener = Callable[[State, State], None]
