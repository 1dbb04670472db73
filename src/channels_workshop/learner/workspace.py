"""Where a learner works: a folder for each lesson, made from the reference, never overwritten."""

import os
import re
import shutil
import tempfile
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from ..course.lesson import Lesson, Task
from ..course.project import project_files
from ..course.reference import reference_sections, stub_texts, write_project
from ..course.sections import for_learner
from ..language import _
from ..trouble import Trouble
from .progress import Progress
from .root import VARIABLE, workspace_root
from .tasks import find_task

#: Below the workspace: what `reset` has put aside.
BACKUPS = ".backup"

_PYTEST_INI = Path(__file__).with_name("learner_pytest.ini")


@dataclass(frozen=True)
class Place:
    """Where one section of a task is to be written in the learner's copy; `line` is from 1.

    `is_untouched` where nothing but the stub stands there.
    """

    task: Task
    section: str
    path: PurePosixPath
    line: int
    is_untouched: bool


def is_begun(task: Task, places: Iterable[Place]) -> bool:
    """Tell whether anything but its stubs stands in the `places` of a task."""
    untouched = {place.section for place in places if place.is_untouched}
    return not untouched.issuperset(task.sections)


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
        """Tell whether there is a folder for `lesson`, whole or not."""
        return self.folder(lesson).is_dir()

    def started_folder(self, lesson: Lesson) -> Path:
        """Return the folder of the learner's work. Raises Trouble where it is not started."""
        if not self.is_started(lesson):
            raise Trouble(
                _("You have not started {lesson} yet.", lesson=lesson.name),
                _("Start it: python workshop.py start {number}", number=f"{lesson.number:02}"),
            )
        return self.folder(lesson)

    def missing(self, lesson: Lesson) -> list[PurePosixPath]:
        """Return the files that `start` laid there and that are gone."""
        folder = self.folder(lesson)
        return [path for path in project_files(lesson) if not (folder / path).exists()]

    def places(self, lesson: Lesson) -> list[Place]:
        """Return where the tasks are to be written, as far as their markers are still there."""
        found = []
        sections, stubs = reference_sections(lesson), stub_texts(lesson)
        for task in lesson.tasks:
            for name in task.sections:
                path = PurePosixPath(sections[name].path.relative_to(lesson.folder).as_posix())
                if section := _learners_section(self.folder(lesson) / path, name):
                    line, text = section
                    found.append(Place(task, name, path, line, text == _plain(stubs[name])))
        return found

    def start(self, lesson: Lesson, at: str | None = None) -> Path:
        """Make the learner's folder for `lesson`, with stubs in it, and return it.

        Tasks before the one named `at` are filled in from the reference. A folder that is there
        and whole is returned untouched. Raises Trouble, and leaves everything as it is, where the
        folder lacks files, where it is there and `at` is given, where `at` is no task of the
        lesson and where the system does not let us write.
        """
        folder = self.folder(lesson)
        stubs = _stubs(lesson, at)
        if self.is_started(lesson):
            self._refuse_to_touch(lesson, at)
            return folder
        if os.path.lexists(folder):  # a file, or a link that leads nowhere
            raise Trouble(
                _("{path} is in the way: it is not a folder.", path=folder),
                self._how_to_put_aside(lesson),
            )
        with self._new_project(lesson, stubs) as project:
            project.rename(folder)
        Progress(self.root).forget(lesson)
        return folder

    def reset(self, lesson: Lesson, at: str | None = None) -> Path | None:
        """Start `lesson` anew; return where the work so far was moved, None if there was none.

        The new folder is whole before the old one is moved, so a failure loses nothing. `at` is
        as for `start`.
        """
        folder = self.folder(lesson)
        backup = None
        with self._new_project(lesson, _stubs(lesson, at)) as project:
            if os.path.lexists(folder):
                backup = self._free_backup(lesson)
                backup.parent.mkdir(exist_ok=True)
                folder.rename(backup)
            try:
                project.rename(folder)
            except BaseException:
                if backup:
                    backup.rename(folder)
                raise
        Progress(self.root).forget(lesson)
        return backup

    def _refuse_to_touch(self, lesson: Lesson, at: str | None) -> None:
        """Raise Trouble where `start` cannot simply leave the learner's folder as it is."""
        if missing := self.missing(lesson):
            named = ", ".join(map(str, missing[:5])) + (" …" if len(missing) > 5 else "")
            raise Trouble(
                _(
                    "{folder} is there, but some of its files are gone: {files}",
                    folder=self.folder(lesson),
                    files=named,
                ),
                self._how_to_put_aside(lesson),
            )
        if at is not None:
            raise Trouble(
                _("{folder} is there already, with your work in it.", folder=self.folder(lesson)),
                self._how_to_put_aside(lesson, f" --at {at}"),
            )

    def _how_to_put_aside(self, lesson: Lesson, options: str = "") -> str:
        return _(
            "This moves it to {backups} and starts anew: "
            "python workshop.py reset {number}{options}",
            backups=self.root / BACKUPS,
            number=f"{lesson.number:02}",
            options=options,
        )

    @contextmanager
    def _new_project(self, lesson: Lesson, stubs: dict[str, str]) -> Iterator[Path]:
        """Write a learner's copy beside where it belongs; what is not moved away is removed.

        So a full disk or Ctrl-C half-way leaves nothing half-made in the learner's sight.
        """
        try:
            self._make_root()
            with tempfile.TemporaryDirectory(prefix=".new-", dir=self.root) as room:
                project = Path(room) / lesson.name
                _write_learners_copy(lesson, project, stubs)
                yield project
        except OSError as error:
            raise Trouble(
                _(
                    "The system does not let us write in {folder}: {why}",
                    folder=self.root,
                    why=error.strerror or error,
                ),
                _("Nothing of yours was changed. Mend that and try again."),
            ) from None

    def _make_root(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise Trouble(
                _("{path} cannot be made: a file is in the way.", path=self.root),
                _("Move it away, or name another folder in {variable}.", variable=VARIABLE),
            ) from None

    def _free_backup(self, lesson: Lesson) -> Path:
        """Return a name for a backup that nothing has yet: two may fall into one second."""
        name = f"{lesson.name}-{datetime.now():%Y%m%d-%H%M%S}"
        backup = self.root / BACKUPS / name
        count = 1
        while os.path.lexists(backup):
            count += 1
            backup = backup.with_name(f"{name}-{count}")
        return backup


def _stubs(lesson: Lesson, at: str | None) -> dict[str, str]:
    """Return the stubs of the tasks from `at` on, by section name."""
    stubs = stub_texts(lesson)
    if at is not None:
        for task in lesson.tasks[: lesson.tasks.index(find_task(lesson, at))]:
            for name in task.sections:
                del stubs[name]
    return stubs


def _write_learners_copy(lesson: Lesson, folder: Path, stubs: dict[str, str]) -> None:
    write_project(lesson, folder, stubs)
    of_tasks = {name for task in lesson.tasks for name in task.sections}
    for source in {section.path for section in reference_sections(lesson).values()}:
        path = folder / source.relative_to(lesson.folder)
        text = for_learner(path.read_text(encoding="utf-8"), of_tasks)
        path.write_text(text, encoding="utf-8", newline="\n")
    readme = lesson.folder / "README.md"
    if readme.is_file():
        shutil.copyfile(readme, folder / readme.name)
    ini = _PYTEST_INI.read_text(encoding="utf-8").replace("{lesson}", lesson.name)
    (folder / "pytest.ini").write_text(ini, encoding="utf-8", newline="\n")


def _learners_section(path: Path, section: str) -> tuple[int, str] | None:
    """Return the line of a section's first marker and its plain text, None where it has no marker.

    Without its last marker a section goes on to the end of the file.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):  # the learner's file: anything may be in it
        return None
    first = _line_with(lines, rf"[ \t]*\S+ TASK {section}\b")
    if first is None:
        return None
    last = _line_with(lines, rf"[ \t]*\S+ END {section}\b")
    return first, _plain("\n".join(lines[first : last and last - 1]))


def _line_with(lines: list[str], beginning: str) -> int | None:
    """Return the number, from 1, of the first line that begins as a regular expression says."""
    return next((n for n, line in enumerate(lines, 1) if re.match(beginning, line)), None)


def _plain(text: str) -> str:
    """Return `text` as it is compared: wherever it is indented to, however it is set off."""
    return textwrap.dedent(text).strip("\n")
