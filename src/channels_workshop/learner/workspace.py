"""Where a learner works: a folder for each lesson, made from the reference, never overwritten."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath

from ..course.copies import write_project
from ..course.lesson import Lesson, Task
from ..course.places import Place, begun_tasks, places_in
from ..course.project import READMES
from ..course.sections import for_learner, without_markers
from ..errors import WorkshopError
from ..invocation import command
from ..language import Message, message
from . import WORKSPACE_VARIABLE, workspace_root
from .progress import Progress

#: Below the workspace: the work that `reset` has moved there.
BACKUPS = ".backup"

_PYTEST_INI = Path(__file__).with_name("learner_pytest.ini")


class Workspace:
    """The folder that holds a learner's work on all lessons.

    `root` is `workspace/` in the checkout unless given or named by WORKSHOP_WORKSPACE. Nothing is
    made before `start`.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or workspace_root()

    def folder(self, lesson: Lesson) -> Path:
        """Return where the learner's work on `lesson` is, or will be."""
        return self.root / lesson.name

    def is_started(self, lesson: Lesson) -> bool:
        """Return whether there is a folder for `lesson`, complete or not."""
        return self.folder(lesson).is_dir()

    def started_folder(self, lesson: Lesson) -> Path:
        """Return the folder of the learner's work. Raises WorkshopError where it is not started."""
        if not self.is_started(lesson):
            raise WorkshopError(
                message("You have not started {lesson} yet.", lesson=lesson.name),
                message("Start it: {command}", command=command(f"start {lesson.number:02}")),
            )
        return self.folder(lesson)

    def missing(self, lesson: Lesson) -> list[PurePosixPath]:
        """Return the files that `start` put there and that are gone."""
        folder = self.folder(lesson)
        return [path for path in lesson.project_files if not (folder / path).exists()]

    def places(self, lesson: Lesson) -> list[Place]:
        """Return where the tasks are to be written, as far as their markers are still there."""
        return places_in(lesson, self.folder(lesson))

    def begun_tasks(self, lesson: Lesson) -> list[Task]:
        """Return the tasks of which the learner has written anything, in order."""
        return begun_tasks(lesson, self.places(lesson))

    def edited_reference(self, lesson: Lesson) -> list[PurePosixPath]:
        """Return the learner's files of the *reference* that changed since an untouched start.

        Somebody who has edited those, and none of their own, may be in the wrong folder. Empty
        where the learner's own files were changed, or where it cannot be known.
        """
        folder = self.folder(lesson)
        try:
            started = (folder / "pytest.ini").stat().st_mtime  # the last file that `start` writes
            own = [_changed_at(folder / path) for path in _submitted(lesson)]
        except OSError:
            return []
        if max(own, default=started) > started:
            return []
        return [p for p in _submitted(lesson) if _changed_at(lesson.folder / p) > started]

    def start(self, lesson: Lesson, at: str | None = None) -> Path:
        """Make the learner's folder for `lesson`, with stubs in it, and return it.

        Tasks before the one named `at` are filled in from the reference. A complete folder that is
        there is left as it is; in either case the learner is at this lesson from now on. Raises
        WorkshopError, and leaves everything as it is, where the folder lacks files, where it is
        there and `at` is given, where `at` is no task of the lesson, and where the folder cannot be
        written.
        """
        folder = self.folder(lesson)
        stubs = _stubs(lesson, at)
        if self.is_started(lesson):
            self._refuse_to_touch(lesson, at)
            Progress(self.root).touch(lesson)
            return folder
        if os.path.lexists(folder):  # a file, or a link that leads nowhere
            raise WorkshopError(
                message("{path} is in the way: it is not a folder.", path=str(folder)),
                self._how_to_put_aside(lesson),
            )
        with self._new_project(lesson, stubs) as project:
            project.rename(folder)
        Progress(self.root).start_over(lesson)
        return folder

    def reset(self, lesson: Lesson, at: str | None = None) -> Path | None:
        """Start `lesson` over; return where the work so far was moved, None if there was none.

        The new folder is complete before the old one is moved, so a failure loses nothing. `at` is
        as for `start`.
        """
        folder = self.folder(lesson)
        backup = None
        with self._new_project(lesson, _stubs(lesson, at)) as project:
            if os.path.lexists(folder):
                backup = free_backup(self.root / BACKUPS, lesson.name)
                backup.parent.mkdir(exist_ok=True)
                folder.rename(backup)
            try:
                project.rename(folder)
            except BaseException:
                if backup:
                    backup.rename(folder)
                raise
        Progress(self.root).start_over(lesson)
        return backup

    def _refuse_to_touch(self, lesson: Lesson, at: str | None) -> None:
        """Raise WorkshopError where `start` cannot simply leave the learner's folder as it is."""
        if missing := self.missing(lesson):
            named = ", ".join(map(str, missing[:5])) + (" …" if len(missing) > 5 else "")
            raise WorkshopError(
                message(
                    "{folder} is there, but some of its files are gone: {files}",
                    folder=str(self.folder(lesson)),
                    files=named,
                ),
                self._how_to_put_aside(lesson),
            )
        if at is not None:
            raise WorkshopError(
                message(
                    "{folder} is there already, with your work in it.",
                    folder=str(self.folder(lesson)),
                ),
                self._how_to_put_aside(lesson, f" --at {at}"),
            )

    def _how_to_put_aside(self, lesson: Lesson, options: str = "") -> Message:
        return message(
            "This moves it to {backups} and starts over: {command}",
            backups=str(self.root / BACKUPS),
            command=command(f"reset {lesson.number:02}{options}"),
        )

    @contextmanager
    def _new_project(self, lesson: Lesson, stubs: dict[str, str]) -> Iterator[Path]:
        """Write a learner's copy beside where it belongs; what is not moved away is removed.

        So a full disk or Ctrl-C half-way leaves nothing half-made behind.
        """
        try:
            self._make_root()
            with tempfile.TemporaryDirectory(prefix=".new-", dir=self.root) as beside:
                project = Path(beside) / lesson.name
                _write_learners_copy(lesson, project, stubs)
                yield project
        except OSError as error:
            raise WorkshopError(
                message(
                    "{folder} cannot be written: {why}",
                    folder=str(self.root),
                    why=error.strerror or str(error),
                ),
                message("Your files were not changed. Fix that and try again."),
            ) from None

    def _make_root(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise WorkshopError(
                message("{path} cannot be made: a file is in the way.", path=str(self.root)),
                message(
                    "Move it away, or name another folder in {variable}.",
                    variable=WORKSPACE_VARIABLE,
                ),
            ) from None


def free_backup(folder: Path, name: str, ending: str = "") -> Path:
    """Return a path in `folder` for a backup that is still free: two resets may fall into one second."""
    stamped = f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
    backup = folder / f"{stamped}{ending}"
    count = 1
    while os.path.lexists(backup):
        count += 1
        backup = folder / f"{stamped}-{count}{ending}"
    return backup


def _stubs(lesson: Lesson, at: str | None) -> dict[str, str]:
    """Return the stubs of the tasks from `at` on, by section name."""
    stubs = dict(lesson.stubs)
    if at is not None:
        for task in lesson.tasks[: lesson.tasks.index(lesson.find_task(at))]:
            for name in task.sections:
                del stubs[name]
    return stubs


def _write_learners_copy(lesson: Lesson, folder: Path, stubs: dict[str, str]) -> None:
    write_project(lesson, folder, stubs)
    of_tasks = {name for task in lesson.tasks for name in task.sections}
    for source in {section.path for section in lesson.sections.values()}:
        path = folder / source.relative_to(lesson.folder)
        text = for_learner(path.read_text(encoding="utf-8"), of_tasks)
        path.write_text(text, encoding="utf-8", newline="\n")
    for readme in READMES:
        if (lesson.folder / readme).is_file():
            text = (lesson.folder / readme).read_text(encoding="utf-8")
            (folder / readme).write_text(without_markers(text), encoding="utf-8", newline="\n")
    ini = _PYTEST_INI.read_text(encoding="utf-8").replace("{lesson}", lesson.name)
    ini = ini.replace("{command}", command(f"check {lesson.number:02}"))
    (folder / "pytest.ini").write_text(ini, encoding="utf-8", newline="\n")


def _submitted(lesson: Lesson) -> list[PurePosixPath]:
    return [path for path in lesson.project_files if lesson.is_submitted(path)]


def _changed_at(path: Path) -> float:
    return path.stat().st_mtime
