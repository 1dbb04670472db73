"""Who handed in what: each student's folders, archives and repositories below a path.

**One submission, or a class.** A folder is one student's where it is a bare repository, where a
lesson's project lies directly in it, or a `workspace` or the workshop's `lessons`, or a folder
named as a lesson that is a project, or an archive named as a lesson and nobody. Any other folder
is a class: each folder, archive or repository in it is a student's. A folder named as a lesson that
holds no project itself is a class for that lesson (`LESSON/STUDENT/…`). Given directly, a lesson's
folder is that of the student whose folder it is in.

**In a student's folder** each archive and each repository is handed in on its own, directly below
it or below a folder that names a lesson; the rest of the folder is handed in as well. Folders that
wrap nothing but one other folder do not matter.

**Loose files** in a class folder that are no archives are submissions that cannot be read; but
lists, texts and settings (`.csv`, `.md`, `.toml`, …) that Moodle has not named are the instructor's,
and so are hidden files.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...course.lesson import Lesson
from ...errors import WorkshopError
from ...language import Message, message
from ..records import holds_grades
from .archives import is_archive, named_like_an_archive
from .entries import link, special
from .folders import cannot_be_read
from .leftovers import left_behind, leftover_folder
from .names import (
    decoded_paths,
    lesson_in_name,
    lesson_named,
    moodle_number,
    only_a_lesson,
    printable,
    student_named,
)
from .projects import DESCRIPTION
from .repositories import repository_in

#: What an instructor keeps beside the submissions.
_OF_THE_INSTRUCTOR = {
    *(".csv", ".tsv", ".xls", ".xlsx", ".ods"),
    *(".md", ".rst", ".txt", ".log"),
    *(".toml", ".json", ".yml", ".yaml", ".ini", ".cfg"),
}
_WORKSPACE = "workspace"


@dataclass(frozen=True)
class HandIn:
    """One thing that a student handed in: the folder, archive or repository at `path`.

    `label` says where it is, below the path that was given. `lesson` is the lesson that its place
    or name names, None if none. `commit` is what was asked for of a repository. `apart` are paths
    in the folder that are hand-ins of their own. `written` is the student's name as it stands
    there. `refused` says why it is not opened at all.
    """

    student: str
    path: Path
    label: str
    written: str
    lesson: Lesson | None = None
    commit: str | None = None
    apart: frozenset[str] = frozenset()
    refused: Message | None = None


def hand_ins(given: Path, lessons: Sequence[Lesson]) -> list[HandIn]:
    """Return all that was handed in at `given`, which may end in `@COMMIT` for a repository.

    Raises WorkshopError where there is no such path, or nothing in it.
    """
    path, commit = _path_and_commit(given)
    try:
        if path.is_dir():
            found = list(_Layout(lessons).of_folder(path, commit))
        elif path.is_file():
            found = [_Layout(lessons).of_archive(path, path.name)]
        else:
            raise WorkshopError(
                message("{path} is neither a folder nor an archive.", path=str(given)),
                message("Give a folder of submissions, or one student's folder or archive."),
            )
    except OSError as error:
        raise WorkshopError(
            message(
                "{path} cannot be read: {why}",
                path=str(error.filename or given),
                why=error.strerror or str(error),
            ),
            message("Make it readable and try again."),
        ) from None
    if not found:
        raise WorkshopError(
            message("{path} holds no submissions.", path=str(given)),
            message(
                "Put a folder or an archive for each student into it: {path}/anna.zip",
                path=str(given),
            ),
        )
    return found


def _path_and_commit(given: Path) -> tuple[Path, str | None]:
    """Return the path, and the commit where `given` is `PATH@COMMIT`. Raises WorkshopError."""
    if os.path.lexists(given):
        return given, None
    # A branch may have slashes in its name, and so may folders have an @.
    text = str(given)
    places = [place for place, sign in enumerate(text) if sign == "@" and place]
    folders = [(Path(text[:at]), text[at + 1 :]) for at in places if Path(text[:at]).is_dir()]
    for path, commit in folders:
        if commit and repository_in(path):
            return path, commit
    if folders:
        raise WorkshopError(
            message(
                "{path} is not a git repository, so it has no commit.", path=str(folders[0][0])
            ),
            message("Give the path of a repository before the @, or leave out the @."),
        )
    raise WorkshopError(
        message("There is no {path}.", path=str(given)),
        message("Check the path. A repository at a commit is given as PATH@COMMIT."),
    )


class _Layout:
    """What the folders and archives at a given path are, by the names of `lessons`."""

    def __init__(self, lessons: Sequence[Lesson]) -> None:
        self._lessons = lessons
        self._project_paths = {
            path for x in lessons for path in x.project_files if x.is_submitted(path)
        }

    # ---- What was given.

    def of_folder(self, folder: Path, commit: str | None) -> Iterator[HandIn]:
        resolved = folder.resolve()
        lesson = lesson_named(resolved.name, self._lessons, strictly=True)
        if not (commit or self._is_one_submission(folder)):
            yield from self._class(folder, "", lesson)
            return
        name = resolved.parent.name if lesson else resolved.name
        written = decoded_paths([name])[0]
        student = student_named(written.removesuffix(".git"), self._lessons, archive=False)
        hand_in = HandIn(student, folder, printable(resolved.name), written, lesson)
        if commit:
            yield replace(hand_in, commit=commit)
        else:
            yield from self._of_student(hand_in)

    def of_archive(
        self, path: Path, label: str, lesson: Lesson | None = None, of: HandIn | None = None
    ) -> HandIn:
        """Return the hand-in for an archive; `of` is that of the student's folder it lies in."""
        name = decoded_paths([path.name])[0]
        lesson = lesson or lesson_in_name(name, self._lessons)
        if of is not None:
            return replace(of, path=path, label=label, lesson=lesson, apart=frozenset())
        student = student_named(name, self._lessons, archive=True)
        return HandIn(student, path, label, name, lesson)

    # ---- Class, or student?

    def _is_project(self, folder: Path) -> bool:
        """Return whether a lesson's project lies directly in `folder`."""
        return any((folder / path).is_file() for path in self._project_paths)

    def _is_one_submission(self, folder: Path) -> bool:
        if repository_in(folder) == folder or self._is_project(folder):
            return True
        if (folder / _WORKSPACE).is_dir() or any(folder.glob(f"lessons/*/{DESCRIPTION}")):
            return True
        return any(
            self._is_project(child) or repository_in(child)
            for child in _children(folder)
            if child.is_dir() and lesson_named(child.name, self._lessons, strictly=True)
        ) or any(
            only_a_lesson(child.name, self._lessons)
            for child in _children(folder)
            if is_archive(child)
        )

    def _class(self, folder: Path, label: str, lesson: Lesson | None) -> Iterator[HandIn]:
        found: list[HandIn] = []
        for child, name in _named_children(folder):
            where = f"{label}{printable(name)}"
            of_lesson = lesson_named(name, self._lessons, strictly=True)
            if child.is_dir() and not child.is_symlink() and of_lesson and lesson is None:
                yield from self._class(child, f"{where}/", of_lesson)
                continue
            found += self._of_child(child, name, where, lesson)
        yield from _told_apart(found)

    def _of_child(
        self, child: Path, name: str, label: str, lesson: Lesson | None
    ) -> Iterator[HandIn]:
        archive = named_like_an_archive(name) and not child.is_dir()
        student = student_named(name.removesuffix(".git"), self._lessons, archive=archive)
        hand_in = HandIn(student, child, label, name, lesson)
        if child.is_symlink():
            yield replace(hand_in, refused=link())
        elif child.is_dir():
            try:
                yield from list(self._of_student(hand_in))
            except OSError as error:
                yield replace(hand_in, refused=cannot_be_read(label, error).why)
        elif is_archive(child):
            yield self.of_archive(child, label, lesson)
        elif not child.is_file():
            yield replace(hand_in, refused=special())
        elif child.suffix.lower() not in _OF_THE_INSTRUCTOR or moodle_number(name):
            student = student_named(child.stem, self._lessons, archive=True)
            why = message("A single file. Hand in the project's folder, as a zip.")
            yield replace(hand_in, student=student, refused=why)

    # ---- A student's folder.

    def _of_student(self, hand_in: HandIn) -> Iterator[HandIn]:
        """Yield what is in a student's folder: see above."""
        if repository_in(hand_in.path):
            yield hand_in
            return
        folder = self._down_to_several(hand_in.path)
        below = [f"{name}/" for name in decoded_paths(folder.relative_to(hand_in.path).parts)]
        apart = list(self._apart(folder, "".join(below), hand_in))
        yield from apart
        keys = frozenset(x.path.relative_to(hand_in.path).as_posix() for x in apart)
        rest = [x for x in _children(folder) if x.relative_to(hand_in.path).as_posix() not in keys]
        if rest or not apart:
            yield replace(hand_in, apart=keys)

    def _down_to_several(self, folder: Path) -> Path:
        """Return the first folder from `folder` down that wraps more than one other."""
        while True:
            children = _children(folder)
            if len(children) != 1 or not children[0].is_dir() or children[0].is_symlink():
                return folder
            name = decoded_paths([children[0].name])[0]
            if repository_in(children[0]) or lesson_named(name, self._lessons):
                return folder
            folder = children[0]

    def _apart(self, folder: Path, below: str, hand_in: HandIn) -> Iterator[HandIn]:
        levels = [(folder, "", hand_in.lesson)]
        if not self._is_project(folder):
            levels += [
                (child, f"{name}/", hand_in.lesson or lesson)
                for child, name in _named_children(folder)
                if child.is_dir() and not child.is_symlink() and not repository_in(child)
                if (lesson := lesson_named(name, self._lessons))
            ]
        for level, inside, lesson in levels:
            for child, name in _named_children(level):
                label = f"{hand_in.label}/{printable(f'{below}{inside}{name}')}"
                if child.is_symlink():
                    continue
                if child.is_file() and is_archive(child):
                    yield self.of_archive(child, label, lesson, hand_in)
                elif child.is_dir() and repository_in(child):
                    named = lesson or lesson_named(name, self._lessons)
                    yield replace(hand_in, path=child, label=label, lesson=named)


def _children(folder: Path) -> list[Path]:
    """Return what lies in a folder, sorted, without what is hidden or left behind."""
    return [
        child
        for child in sorted(folder.iterdir())
        if not child.name.startswith(".")
        and not (left_behind(child.name) or leftover_folder(child.name))
        and not holds_grades(child)  # of `grade .`, which is graded again
    ]


def _named_children(folder: Path) -> list[tuple[Path, str]]:
    """Return what lies in a folder, each with its name as text."""
    # Each was named by somebody else, so each is decoded by itself.
    return [(child, decoded_paths([child.name])[0]) for child in _children(folder)]


def _told_apart(found: list[HandIn]) -> list[HandIn]:
    """Return the hand-ins of a class with Moodle's number in the names that two students share."""
    numbers = {(x.student, moodle_number(x.written)) for x in found}
    shared = Counter(student for student, number in numbers if number)
    return [
        replace(x, student=f"{x.student} ({number})")
        if (number := moodle_number(x.written)) and shared[x.student] > 1
        else x
        for x in found
    ]
