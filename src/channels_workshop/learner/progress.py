"""What a learner has reached, kept in `workspace/progress.json`."""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ..course.lesson import Lesson, Task
from ..judging.verdict import Status, Verdict
from ..language import Message, message
from . import workspace_root

FILE = "progress.json"

#: `up` serves people in one thread and checks in another.
_ONE_AT_A_TIME = threading.Lock()


class LessonState(msgspec.Struct):
    """How far one lesson is since it was started.

    `checks` holds the last status of each check, by id; `hints` how many of each task's hints were
    shown; `passed_at` when the whole lesson first passed (UTC). `best_score` is kept when a lesson
    is started over.
    """

    checks: dict[str, Status] = {}
    hints: dict[str, int] = {}
    best_score: int = 0
    passed_at: datetime | None = None

    @property
    def passed(self) -> bool:
        """Whether the whole lesson has passed once."""
        return self.passed_at is not None

    def passed_task(self, lesson: Lesson, task: Task) -> bool:
        """Return whether every check of `task` that could be run has last passed."""
        statuses = [self.checks.get(check.id, "error") for check in lesson.checks_of(task)]
        return "pass" in statuses and set(statuses) <= {"pass", "not_run"}


class _ProgressFile(msgspec.Struct):
    version: int = 1
    lessons: dict[str, LessonState] = {}
    last_lesson: str | None = None


def _to_standard_error(notice: Message) -> None:
    print(notice, file=sys.stderr)


class Progress:
    """The learner's progress in the workspace at `root`; its file is read for each question.

    Never raises for its file: one that does not read is moved aside, one that cannot be written is
    done without. Either is reported through `notice`, by default on standard error.
    """

    def __init__(
        self, root: Path | None = None, notice: Callable[[Message], None] = _to_standard_error
    ) -> None:
        self._path = (root or workspace_root()) / FILE
        self._notice = notice
        self._noticed: set[Message | str] = set()

    @property
    def path(self) -> Path:
        """The file that holds it, which need not be there."""
        return self._path

    @property
    def last_lesson(self) -> str | None:
        """The name of the lesson that was touched last, None where none was."""
        return self._read().last_lesson

    def lesson_state(self, lesson: Lesson) -> LessonState:
        """Return how far `lesson` is."""
        return self._read().lessons.get(lesson.name, LessonState())

    def record(self, lesson: Lesson, verdict: Verdict) -> list[Task]:
        """Keep a verdict on the learner's own work; return the tasks that pass now and did not.

        A project that does not start takes nothing away: no check of it was judged. A check that
        was left out keeps its earlier status.
        """
        with self._changing(lesson, touches=True) as state:
            before = self._passed_tasks(lesson, state)
            if verdict.broken is None:
                judged = [result for result in verdict.checks if not result.is_left_out]
                state.checks.update({result.id: result.status for result in judged})
                state.best_score = max(state.best_score, verdict.score)
            after = self._passed_tasks(lesson, state)
            if not state.passed and after == lesson.tasks:
                state.passed_at = datetime.now(UTC)
        return [task for task in after if task not in before]

    def show_hint(self, lesson: Lesson, task: Task) -> int:
        """Count one more hint of the task as shown; return how many that makes."""
        with self._changing(lesson) as state:
            state.hints[task.id] = min(state.hints.get(task.id, 0) + 1, len(task.hints))
        return state.hints[task.id]

    def start_over(self, lesson: Lesson) -> None:
        """Forget all of `lesson` but its best score. The learner is at it from now on."""
        with self._changing(lesson, touches=True) as state:
            state.checks, state.hints, state.passed_at = {}, {}, None

    def touch(self, lesson: Lesson) -> None:
        """Remember that the learner is at `lesson`: it was started, saved in or checked."""
        if self._read().last_lesson != lesson.name:
            with self._changing(lesson, touches=True):
                pass

    def current_lesson(self, lessons: Sequence[Lesson]) -> Lesson:
        """Return where to resume among `lessons`, of which there is at least one.

        That is the one touched last; where it has passed, the next after it that has not, else the
        first that has not; where all have passed, the last.
        """
        progress = self._read()
        names = [lesson.name for lesson in lessons]
        last = names.index(progress.last_lesson) if progress.last_lesson in names else 0
        for lesson in [*lessons[last:], *lessons[:last]]:
            if not progress.lessons.get(lesson.name, LessonState()).passed:
                return lesson
        return lessons[-1]

    def current_task(self, lesson: Lesson) -> Task | None:
        """Return the first task that has not passed, None where all have."""
        state = self.lesson_state(lesson)
        return next((task for task in lesson.tasks if not state.passed_task(lesson, task)), None)

    def _passed_tasks(self, lesson: Lesson, state: LessonState) -> list[Task]:
        return [task for task in lesson.tasks if state.passed_task(lesson, task)]

    @contextmanager
    def _changing(self, lesson: Lesson, touches: bool = False) -> Iterator[LessonState]:
        """Give the state of `lesson`, to be changed, and keep it; `touches` as `touch` does."""
        with _ONE_AT_A_TIME:
            progress = self._read()
            if touches:
                progress.last_lesson = lesson.name
            yield progress.lessons.setdefault(lesson.name, LessonState())
            self._write(progress)

    def _read(self) -> _ProgressFile:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_ProgressFile)
        except (FileNotFoundError, NotADirectoryError):
            return _ProgressFile()
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._move_aside(error)
        except OSError as error:
            self._report_lost(error)
        return _ProgressFile()

    def _move_aside(self, error: Exception) -> None:
        broken = self._path.with_name(f"{FILE}.broken")
        try:
            self._path.replace(broken)
        except OSError as refused:
            self._report_lost(refused)
            return
        self._report(
            message(
                "Your progress could not be read ({why}), so it starts over; the old file is now "
                "{path}. Your work is untouched.",
                why=str(error),
                path=str(broken),
            )
        )

    def _write(self, progress: _ProgressFile) -> None:
        # Written beside and moved into place: a reader sees either the old file or the new one.
        beside = self._path.with_name(f".{FILE}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(msgspec.json.format(msgspec.json.encode(progress)) + b"\n")
            beside.replace(self._path)
        except OSError as error:
            self._report_lost(error)
            with suppress(OSError):
                beside.unlink()

    def _report_lost(self, error: OSError) -> None:
        why = error.strerror or str(error)
        self._report(
            message("Cannot save your progress in {path}: {why}", path=str(self._path), why=why)
        )

    def _report(self, notice: Message) -> None:
        if str(notice) not in self._noticed:
            self._noticed.add(str(notice))
            self._notice(notice)
