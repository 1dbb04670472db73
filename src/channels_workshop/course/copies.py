"""Copies of the reference project: whole, with parts replaced, or under a learner's files."""

import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ..errors import WorkshopError
from ..language import message
from .lesson import Lesson
from .project import EXAMPLE, files_below, project_files
from .sections import BrokenSection, has_sections, replace, sections_in


def write_project(
    lesson: Lesson,
    folder: Path,
    sections: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    """Copy the reference project to `folder`, with `sections` replaced and `files` laid over.

    Raises BrokenSection where a name in `sections` is none of the project's.
    """
    sections = dict(sections or {})
    unknown = sorted(set(sections) - set(lesson.sections)) if sections else []
    if unknown:
        raise BrokenSection(f"{lesson.name} has no section named {', '.join(unknown)}")
    for path in lesson.project_files:
        source, copy = lesson.folder / path, folder / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        if sections and has_sections(path) and sections_in(source):
            text = replace(source.read_text(encoding="utf-8"), sections)
            copy.write_text(text, encoding="utf-8", newline="\n")
    for name, text in (files or {}).items():
        laid = folder / name
        laid.parent.mkdir(parents=True, exist_ok=True)
        laid.write_text(text, encoding="utf-8", newline="\n")


def write_target(lesson: Lesson, target: Path, folder: Path) -> None:
    """Copy the reference to `folder` with the submitted files of `target` in place of its own.

    What a learner deleted is gone from the copy too; given files are pristine; `target` is only
    read.
    """
    write_project(lesson, folder)
    for path in lesson.project_files:
        if lesson.is_submitted(path):
            (folder / path).unlink()
    lay_over(target, folder, [path for path in files_below(target) if lesson.is_submitted(path)])


def lay_over(source: Path, folder: Path, paths: list[PurePosixPath]) -> None:
    """Copy `paths` of `source` into `folder`, over what is there."""
    for path in paths:
        copy = folder / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, copy)


def lay_further(lesson: Lesson, name: str, folder: Path) -> None:
    """Lay the overlay `further/NAME` of `lesson` over the copy of the reference in `folder`.

    Raises WorkshopError, with the list of overlays, where the lesson has none of that name.
    """
    if name not in lesson.further:
        raise WorkshopError(
            message("{lesson} has no overlay “{name}”.", lesson=lesson.name, name=name),
            message("It has: {names}.", names=", ".join(lesson.further))
            if lesson.further
            else message("It has none. Without --further you get the finished project."),
        )
    overlay = lesson.folder / "further" / name
    # What an overlay says of itself, and its checks, are no part of the project.
    lay_over(overlay, folder, project_files(overlay))


def example_of(lesson: Lesson) -> PurePosixPath:
    """Return the path of the lesson's example. Raises WorkshopError where it has none."""
    if not (lesson.folder / EXAMPLE).is_file():
        raise WorkshopError(
            message("{lesson} has no example.", lesson=lesson.name),
            message("Without --example you get the finished project."),
        )
    return PurePosixPath(EXAMPLE)
