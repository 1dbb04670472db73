"""How far a learner is in the course: what `list` shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..course.lesson import Lesson, Task
from .progress import LessonState, Progress
from .workspace import Workspace


@dataclass(frozen=True)
class Standing:
    """One lesson: its state, its folder where it is started, and whether the learner is at it."""

    lesson: Lesson
    state: LessonState
    folder: Path | None
    is_current: bool

    @property
    def passed_tasks(self) -> list[Task]:
        """The tasks that have passed, in order."""
        return [task for task in self.lesson.tasks if self.state.passed_task(self.lesson, task)]

    def to_json(self) -> dict[str, object]:
        """Return the entry that `list --json` prints; titles in both languages."""
        about = self.lesson.about
        return {
            "lesson": self.lesson.name,
            "number": self.lesson.number,
            "title": {"en": about.title.en, "ru": about.title.ru},
            "minutes": about.minutes,
            "tasks": [
                {"id": task.id, "passed": task in self.passed_tasks} for task in self.lesson.tasks
            ],
            "passed": self.state.passed,
            "best_score": self.state.best_score,
            "folder": str(self.folder) if self.folder else None,
            "current": self.is_current,
        }


def standings(
    lessons: Sequence[Lesson], workspace: Workspace, progress: Progress
) -> list[Standing]:
    """Return how far each of `lessons` is, in their order."""
    current = progress.current_lesson(lessons) if lessons else None
    return [
        Standing(
            lesson,
            progress.lesson_state(lesson),
            workspace.folder(lesson) if workspace.is_started(lesson) else None,
            lesson is current,
        )
        for lesson in lessons
    ]
