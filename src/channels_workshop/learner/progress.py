"""What a learner has reached, kept in `workspace/progress.json`."""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ..checking.verdict import Status, Verdict
from ..course.lesson import Lesson, Task
from ..language import _
from .root import workspace_root

FILE = "progress.json"

#: `up` checks in one thread and gives hints in another.
_ONE_AT_A_TIME = threading.Lock()


class LessonState(msgspec.Struct):
    """How far one lesson is since it was started.

    `checks` holds what the last check said of each check, by id; `hints` how many rungs of each
    task's ladder were shown; `passed_at` when the whole lesson first passed (UTC). `best_score`
    outlives a reset.
    """

    checks: dict[str, Status] = {}
    hints: dict[str, int] = {}
    best_score: int = 0
    passed_at: datetime | None = None

    @property
    def passed(self) -> bool:
        """Tell whether the whole lesson has passed once."""
        return self.passed_at is not None

    def passed_task(self, lesson: Lesson, task: Task) -> bool:
        """Tell whether the last check passed every check of `task` that could be run."""
        said = [self.checks.get(check.id, "error") for check in lesson.checks_of(task)]
        return "pass" in said and set(said) <= {"pass", "not_run"}


class _ProgressFile(msgspec.Struct):
    version: int = 1
    lessons: dict[str, LessonState] = {}


def _to_standard_error(text: str) -> None:
    print(text, file=sys.stderr)


class Progress:
    """The learner's progress in the workspace at `root`; read anew at each question.

    Never raises for its file: one that does not read is set aside, one that cannot be written is
    done without. Either is told through `notice`, by default on standard error.
    """

    def __init__(
        self, root: Path | None = None, notice: Callable[[str], None] = _to_standard_error
    ) -> None:
        self._path = (root or workspace_root()) / FILE
        self._notice = notice
        self._told: set[str] = set()

    def lesson_state(self, lesson: Lesson) -> LessonState:
        """Return how far `lesson` is."""
        return self._read().lessons.get(lesson.name, LessonState())

    def record(self, lesson: Lesson, verdict: Verdict) -> None:
        """Keep what a check of the learner's own work said."""
        with self._changing(lesson) as state:
            state.checks.update({result.id: result.status for result in verdict.checks})
            state.best_score = max(state.best_score, verdict.score)
            if not state.passed and all(state.passed_task(lesson, task) for task in lesson.tasks):
                state.passed_at = datetime.now(UTC)

    def show_hint(self, lesson: Lesson, task: Task) -> int:
        """Count one more rung of the task's ladder as shown; return how many that makes."""
        with self._changing(lesson) as state:
            state.hints[task.id] = min(state.hints.get(task.id, 0) + 1, len(task.hints))
        return state.hints[task.id]

    def forget(self, lesson: Lesson) -> None:
        """Begin `lesson` anew: all but its best score."""
        with self._changing(lesson) as state:
            state.checks, state.hints, state.passed_at = {}, {}, None

    def current_lesson(self, lessons: Sequence[Lesson]) -> Lesson:
        """Return the first of `lessons`, at least one, that has not passed; else the last."""
        states = self._read().lessons
        for lesson in lessons:
            if not states.get(lesson.name, LessonState()).passed:
                return lesson
        return lessons[-1]

    def current_task(self, lesson: Lesson) -> Task | None:
        """Return the first task that the last check did not pass, None where all passed."""
        state = self.lesson_state(lesson)
        return next((task for task in lesson.tasks if not state.passed_task(lesson, task)), None)

    @contextmanager
    def _changing(self, lesson: Lesson) -> Iterator[LessonState]:
        with _ONE_AT_A_TIME:
            progress = self._read()
            yield progress.lessons.setdefault(lesson.name, LessonState())
            self._write(progress)

    def _read(self) -> _ProgressFile:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_ProgressFile)
        except (FileNotFoundError, NotADirectoryError):
            return _ProgressFile()
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._set_aside(error)
        except OSError as error:
            self._tell_lost(error)
        return _ProgressFile()

    def _set_aside(self, error: Exception) -> None:
        broken = self._path.with_name(f"{FILE}.broken")
        try:
            self._path.replace(broken)
        except OSError as refused:
            self._tell_lost(refused)
            return
        self._tell(
            _(
                "Your progress could not be read ({why}). It begins anew; the old file is now "
                "{path}. Your work is untouched.",
                why=error,
                path=broken,
            )
        )

    def _write(self, progress: _ProgressFile) -> None:
        # Written beside and moved into place: whoever reads meanwhile sees one or the other.
        beside = self._path.with_name(f".{FILE}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(msgspec.json.format(msgspec.json.encode(progress)) + b"\n")
            beside.replace(self._path)
        except OSError as error:
            self._tell_lost(error)
            with suppress(OSError):
                beside.unlink()

    def _tell_lost(self, error: OSError) -> None:
        self._tell(
            _("Your progress cannot be kept in {path}: {why}", path=self._path, why=error.strerror)
        )

    def _tell(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._notice(text)
