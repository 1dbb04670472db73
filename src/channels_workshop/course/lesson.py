"""A lesson: what its `lesson.toml` says, and the parts of its folder, each read once."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal, TypeVar

import msgspec

from ..errors import WorkshopError
from ..language import Message, message
from .agreement import is_freedom, read_agreement
from .mistakes import Freedom, Mistake, read_freedoms, read_mistakes
from .project import is_submitted, project_files
from .sections import BrokenSection, Section, has_sections, sections_in
from .toml_file import BrokenDescription, line_of, read
from .words import WordList, Words

Need = Literal["redis", "browser", "nginx"]
#: What `run` and `up` start beside a project, for people.
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
    """What `test_<id>` in the lesson's `tests/` proves: the `sentences` of the agreement, by id."""

    id: str
    task: str
    points: int
    title: Words
    sentences: list[str] = []
    needs: list[Need] = []


class KnownError(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An error that many meet: `pattern` (a regular expression) finds it in a traceback or warning.

    `anchor` is where the page of symptoms explains it, `title` how it is called there; `task` limits
    it to one task.
    """

    id: str
    pattern: str
    anchor: str
    title: Words
    task: str | None = None


class LessonFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `lesson.toml`."""

    lesson: About
    tasks: list[Task]
    checks: list[Check]
    delta: Delta = Delta()
    known_errors: list[KnownError] = []
    messages: dict[str, Words] = {}


@dataclass(frozen=True, eq=False)
class Lesson:
    """A lesson: `folder` holds the reference project, `messages` the sentences of its own checks.

    `extends` is the lesson whose finished project this one is laid over, for an extension. `private`
    are the ids of checks that an instructor has added, which students are not shown.
    """

    folder: Path
    about: About
    delta: Delta
    tasks: list[Task]
    checks: list[Check]
    known_errors: list[KnownError]
    messages: dict[str, Words]
    extends: "Lesson | None" = None
    private: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The folder's name, such as `03_chat_consumer`."""
        return self.folder.name

    @property
    def number(self) -> int:
        """The lesson's place in the course, from 1."""
        return int(self.name.partition("_")[0])

    # ---- What lesson.toml says.

    def task(self, task_id: str) -> Task:
        """Return the task with that id. Raises KeyError where there is none."""
        return _by_id(self.tasks, task_id)

    def find_task(self, wanted: str) -> Task:
        """Return the task that a person names. Raises WorkshopError, with the list of tasks."""
        for task in self.tasks:
            if task.id == wanted:
                return task
        raise WorkshopError(
            message("Lesson {lesson} has no task “{wanted}”.", lesson=self.name, wanted=wanted),
            message("Its tasks are: {names}.", names=", ".join(task.id for task in self.tasks)),
        )

    def check(self, check_id: str) -> Check:
        """Return the check with that id. Raises KeyError where there is none."""
        return _by_id(self.checks, check_id)

    def checks_of(self, task: Task) -> list[Check]:
        """Return the checks that judge one task, in the order of the file."""
        return [check for check in self.checks if check.task == task.id]

    def known_error(self, error_id: str) -> KnownError:
        """Return the known error with that id. Raises KeyError where there is none."""
        return _by_id(self.known_errors, error_id)

    def message(self, name: str, /, **values: Message | str | int | float | None) -> Message:
        """Return a sentence of the lesson's `[messages]` as data. Raises KeyError."""
        words = self.messages[name]
        return Message(words.en, values, russian=words.ru)

    # ---- The parts of its folder.

    @cached_property
    def agreement(self) -> dict[str, Words]:
        """The sentences of the agreement by their ids. Raises BrokenAgreement."""
        return read_agreement(self.folder)

    @property
    def promises(self) -> list[str]:
        """The ids of the sentences that a project has to keep."""
        return [name for name in self.agreement if not is_freedom(name)]

    @property
    def left_open(self) -> list[str]:
        """The ids of the sentences that leave something to the one who writes the project."""
        return [name for name in self.agreement if is_freedom(name)]

    @cached_property
    def project_files(self) -> list[PurePosixPath]:
        """The files of the reference project, without what is said and checked about it."""
        return project_files(self.folder)

    @cached_property
    def sections(self) -> dict[str, Section]:
        """All sections of the reference by name. A name stands in one file only."""
        found: dict[str, Section] = {}
        for path in self.project_files:
            if not has_sections(path):
                continue
            for name, section in sections_in(self.folder / path).items():
                if name in found:
                    raise BrokenSection(
                        f"{section.path}:{section.line}: section {name!r} also stands in "
                        f"{found[name].path}",
                        "Rename one of the two.",
                    )
                found[name] = section
        return found

    def sections_of(self, task: Task) -> list[Section]:
        """Return the sections of one task, in its own order. Raises BrokenSection for a missing one."""
        missing = [name for name in task.sections if name not in self.sections]
        if missing:
            raise BrokenSection(
                f"{self.folder / 'lesson.toml'}: task {task.id!r} names sections that no file of "
                f"the project holds: {', '.join(missing)}",
                "Mark them with --8<-- [start:name] and [end:name].",
            )
        return [self.sections[name] for name in task.sections]

    @cached_property
    def stubs(self) -> dict[str, str]:
        """What `start` puts in place of each task's sections, by section name."""
        stubs: dict[str, str] = {}
        for section in [section for task in self.tasks for section in self.sections_of(task)]:
            path = self.folder / "stubs" / f"{section.name}{section.path.suffix}"
            if not path.is_file():
                raise BrokenSection(
                    f"{path} is missing: the section {section.name!r} belongs to a task",
                    "Write what a learner finds there at first.",
                )
            stubs[section.name] = path.read_text(encoding="utf-8")
        return stubs

    @cached_property
    def mistakes(self) -> dict[str, Mistake]:
        """The named wrong solutions by id, in the order of the file. Raises BrokenDescription."""
        check_ids = {check.id for check in self.checks}
        return {mistake.id: mistake for mistake in read_mistakes(self.folder, check_ids)}

    @cached_property
    def freedoms(self) -> dict[str, Freedom]:
        """Right solutions by id, each of which takes what the agreement leaves open."""
        return {freedom.id: freedom for freedom in read_freedoms(self.folder, self.left_open)}

    @cached_property
    def accepted(self) -> list[str]:
        """The names of other right solutions, in order."""
        return _folders(self.folder / "accepted")

    @cached_property
    def further(self) -> list[str]:
        """The names of overlays for those who want more, in order."""
        return _folders(self.folder / "further")

    def is_submitted(self, path: PurePosixPath) -> bool:
        """Return whether `path`, in a project, is one of the learner's files: see `submit`."""
        return is_submitted(path, self.about.submit)


_Entry = TypeVar("_Entry", Task, Check, KnownError)


def _by_id(entries: list[_Entry], wanted: str) -> _Entry:
    for entry in entries:
        if entry.id == wanted:
            return entry
    raise KeyError(wanted)


def _folders(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*") if path.is_dir())


def load_lesson(folder: Path) -> Lesson:
    """Return the lesson in `folder`. Raises BrokenDescription where `lesson.toml` is wrong."""
    path = folder / "lesson.toml"
    content = read(path, LessonFile)
    lesson = Lesson(
        folder,
        content.lesson,
        content.delta,
        content.tasks,
        content.checks,
        content.known_errors,
        content.messages,
    )
    _refuse_contradictions(lesson, path)
    return lesson


def _refuse_contradictions(lesson: Lesson, path: Path) -> None:
    """Raise BrokenDescription for what is well-formed and still cannot be."""

    def refuse(kind: str, index: int, what: str, fix: str) -> None:
        line = line_of(path.read_text(encoding="utf-8"), f"$.{kind}[{index}].id")
        raise BrokenDescription(path, line, what, fix)

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
