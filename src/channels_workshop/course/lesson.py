"""A lesson as its `lesson.toml` describes it."""

from pathlib import Path
from typing import Literal

import msgspec

from .description import BrokenDescription, line_of, read
from .words import WordList, Words

Need = Literal["redis", "browser", "nginx"]
#: What `run` and `up` put beside a project, for people.
Service = Literal["redis"]


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[lesson]` table: what a learner reads before starting."""

    title: Words
    summary: Words
    minutes: int
    objectives: WordList
    prerequisites: WordList
    submit: list[str]
    services: list[Service] = []


class Delta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[delta]` table: what this project has over the lesson before, as paths or globs."""

    added: list[str] = []
    changed: list[str] = []
    removed: list[str] = []


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to write: the named sections, and the ladder of hints up to the answer."""

    id: str
    title: Words
    goal: Words
    minutes: int
    sections: list[str]
    hints: list[Words]


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that the agreement promises: `test_<id>` in the lesson's `tests/` proves it."""

    id: str
    task: str
    points: int
    title: Words
    agreement: Words
    needs: list[Need] = []


class _LessonFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lesson: About
    tasks: list[Task]
    checks: list[Check]
    delta: Delta = Delta()


class Lesson(msgspec.Struct, frozen=True):
    """A lesson: its folder (the reference project) and all that is said about it."""

    folder: Path
    about: About
    delta: Delta
    tasks: list[Task]
    checks: list[Check]

    @property
    def name(self) -> str:
        """The folder's name, such as `03_chat_consumer`."""
        return self.folder.name

    @property
    def number(self) -> int:
        """The lesson's place in the course, from 1."""
        return int(self.name.partition("_")[0])

    def task(self, task_id: str) -> Task:
        """Return the task with that id. Raises KeyError where there is none."""
        return _by_id(self.tasks, task_id)

    def check(self, check_id: str) -> Check:
        """Return the check with that id. Raises KeyError where there is none."""
        return _by_id(self.checks, check_id)

    def checks_of(self, task: Task) -> list[Check]:
        """Return the checks that judge one task, in the order of the file."""
        return [check for check in self.checks if check.task == task.id]


def _by_id(things, wanted):
    for thing in things:
        if thing.id == wanted:
            return thing
    raise KeyError(wanted)


def load_lesson(folder: Path) -> Lesson:
    """Return the lesson in `folder`. Raises BrokenDescription where `lesson.toml` is wrong."""
    path = folder / "lesson.toml"
    content = read(path, _LessonFile)
    lesson = Lesson(folder, content.lesson, content.delta, content.tasks, content.checks)
    _refuse_contradictions(lesson, path)
    return lesson


def _refuse_contradictions(lesson: Lesson, path: Path) -> None:
    """Raise BrokenDescription for what is well-formed and still cannot be."""

    def refuse(kind: str, index: int, what: str, mend: str) -> None:
        line = line_of(path.read_text(encoding="utf-8"), f"$.{kind}[{index}].id")
        raise BrokenDescription(path, line, what, mend)

    task_ids = [task.id for task in lesson.tasks]
    check_ids = [check.id for check in lesson.checks]
    for kind, ids in (("tasks", task_ids), ("checks", check_ids)):
        for index, name in enumerate(ids):
            if name in ids[:index]:
                refuse(kind, index, f"the id {name!r} is used twice", "Rename one of the two.")
    for index, check in enumerate(lesson.checks):
        if check.task not in task_ids:
            refuse(
                "checks",
                index,
                f"check {check.id!r} belongs to the task {check.task!r}, which does not exist",
                f"The tasks are: {', '.join(task_ids)}.",
            )
    for index, task in enumerate(lesson.tasks):
        if not lesson.checks_of(task):
            refuse("tasks", index, f"nothing checks the task {task.id!r}", "Give it a check.")
