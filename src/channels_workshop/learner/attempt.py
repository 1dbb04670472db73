"""An attempt: a project to be checked for a learner, and what its verdict means for them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from ..course.lesson import Lesson, Task
from ..course.places import Place, begun_tasks, places_in, task_at
from ..errors import WorkshopError
from ..judging.events import Job
from ..judging.verdict import Result, Verdict
from ..language import message
from .progress import Progress
from .workspace import Workspace


@dataclass(frozen=True)
class Attempt:
    """A folder to be checked by the checks of `lesson`.

    `is_own` where it is the learner's own work, whose progress is kept; `was_inside` where it was
    found in the folder that was named.
    """

    lesson: Lesson
    folder: Path
    is_own: bool
    was_inside: bool = False

    def job(self, *, seed: int | None = None, stops_early: bool = True) -> Job:
        """Return what to ask of a judge; the task in hand comes first."""
        in_hand = Progress().current_task(self.lesson) if self.is_own else None
        return Job(
            lesson=str(self.lesson.folder),
            target=str(self.folder),
            first=in_hand.id if in_hand else None,
            stops_early=stops_early,
            seed=seed,
        )

    def judged(self, verdict: Verdict) -> "Judged":
        """Return what `verdict` means, and keep the progress of the learner's own work."""
        done = Progress().record(self.lesson, verdict) if self.is_own else []
        places = places_in(self.lesson, self.folder)
        return Judged(self.lesson, self.folder, verdict, places, newly_done=done)


@dataclass(frozen=True)
class Judged:
    """A verdict on a learner's project, with what only their files say.

    `newly_done` are the tasks that pass now and did not at the check before.
    """

    lesson: Lesson
    folder: Path
    verdict: Verdict
    places: list[Place]
    newly_done: list[Task] = field(default_factory=list)

    @cached_property
    def begun(self) -> set[str]:
        """The ids of the tasks of which anything is written."""
        return {task.id for task in begun_tasks(self.lesson, self.places)}

    def is_ahead(self, result: Result) -> bool:
        """Return whether a check does not pass just because its task is still to be written."""
        return result.task not in self.begun and (result.status == "fail" or result.is_left_out)

    @cached_property
    def failures(self) -> list[Result]:
        """The checks that call for a fix, in the lesson's order; none where it does not start."""
        if self.verdict.broken is not None:
            return []
        return [
            result
            for result in self.verdict.checks
            if result.status in ("fail", "error") and not self.is_ahead(result)
        ]

    @property
    def next_task(self) -> Task | None:
        """The task to write next; None where something is to be fixed first, or all is written."""
        if self.verdict.broken is not None or self.failures:
            return None
        for result in self.verdict.checks:
            if self.is_ahead(result):
                return self.lesson.task(result.task)
        return None

    @property
    def task_in_hand(self) -> Task | None:
        """The task of the error, else of the first failure, else the one to write next.

        None where no task is concerned.
        """
        if broken := self.verdict.broken:
            found = broken.file and task_at(self.lesson, self.folder, broken.file, broken.line)
            return found or None
        if self.failures:
            return self.lesson.task(self.failures[0].task)
        return self.next_task

    def places_of(self, task: Task) -> list[Place]:
        """Return where `task` is to be written."""
        return [place for place in self.places if place.task == task]


def own_attempt(lesson: Lesson) -> Attempt:
    """Return the learner's own work on `lesson`. Raises WorkshopError where it is not started."""
    return Attempt(lesson, Workspace().started_folder(lesson), is_own=True)


def attempt_in(lesson: Lesson, named: Path) -> Attempt:
    """Return the attempt in the folder `named`, or in the folder inside it that holds the project.

    Raises WorkshopError where several do, none of which bears the lesson's name.
    """
    folder, was_inside = named, False
    if not _holds_submission(lesson, named):
        inside = sorted(path for path in _folders_in(named) if _holds_submission(lesson, path))
        # Of a whole workspace, the folder that `start` has made for this lesson is meant.
        inside = [path for path in inside if path.name == lesson.name] or inside
        if len(inside) > 1:
            raise WorkshopError(
                message(
                    "{folder} holds no file of {lesson}.", folder=str(named), lesson=lesson.name
                ),
                message(
                    "These folders inside it do; name one of them: {folders}.",
                    folders=", ".join(path.name for path in inside),
                ),
            )
        if inside:
            folder, was_inside = inside[0], True
    is_own = folder.resolve() == Workspace().folder(lesson).resolve()
    return Attempt(lesson, folder, is_own, was_inside)


def _folders_in(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.name.startswith("."):
            yield path


def _holds_submission(lesson: Lesson, folder: Path) -> bool:
    """Return whether `folder` holds any file that the lesson's `submit` takes."""
    for glob in lesson.about.submit:
        pattern = f"{glob}/*" if glob.endswith("/**") else glob
        for path in folder.glob(pattern):
            relative = PurePosixPath(path.relative_to(folder).as_posix())
            if path.is_file() and lesson.is_submitted(relative):
                return True
    return False
