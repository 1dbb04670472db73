"""The reference project: its sections, its stubs, and copies of it with parts replaced."""

import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from .lesson import Lesson
from .project import files_below, is_submitted, project_files
from .sections import BrokenSection, Section, replace, sections_in

_WITH_SECTIONS = {".py", ".html", ".js", ".css", ".conf"}


def reference_sections(lesson: Lesson) -> dict[str, Section]:
    """Return all sections of the reference by name. A name stands in one file only."""
    found: dict[str, Section] = {}
    for path in project_files(lesson):
        if path.suffix not in _WITH_SECTIONS:
            continue
        for name, section in sections_in(lesson.folder / path).items():
            if name in found:
                raise BrokenSection(
                    f"{section.path}:{section.line}: section {name!r} also stands in "
                    f"{found[name].path}",
                    "Rename one of the two.",
                )
            found[name] = section
    return found


def task_sections(lesson: Lesson, task_id: str) -> list[Section]:
    """Return the sections of one task, in its own order. Raises BrokenSection for a missing one."""
    sections = reference_sections(lesson)
    task = lesson.task(task_id)
    missing = [name for name in task.sections if name not in sections]
    if missing:
        raise BrokenSection(
            f"{lesson.folder / 'lesson.toml'}: task {task_id!r} names sections that no file of "
            f"the project holds: {', '.join(missing)}",
            "Mark them with --8<-- [start:name] and [end:name].",
        )
    return [sections[name] for name in task.sections]


def stub_texts(lesson: Lesson) -> dict[str, str]:
    """Return what `start` puts in place of each task's sections, by section name."""
    stubs: dict[str, str] = {}
    for task in lesson.tasks:
        for section in task_sections(lesson, task.id):
            path = lesson.folder / "stubs" / f"{section.name}{section.path.suffix}"
            if not path.is_file():
                raise BrokenSection(
                    f"{path} is missing: the section {section.name!r} belongs to a task",
                    "Write what a learner finds there at first.",
                )
            stubs[section.name] = path.read_text(encoding="utf-8")
    return stubs


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
    unknown = sorted(set(sections) - set(reference_sections(lesson))) if sections else []
    if unknown:
        raise BrokenSection(f"{lesson.name} has no section named {', '.join(unknown)}")
    for path in project_files(lesson):
        source, copy = lesson.folder / path, folder / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        if sections and path.suffix in _WITH_SECTIONS and sections_in(source):
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
    for path in project_files(lesson):
        if is_submitted(lesson, path):
            (folder / path).unlink()
    lay_over(target, folder, [path for path in files_below(target) if is_submitted(lesson, path)])


def lay_over(source: Path, folder: Path, paths: list[PurePosixPath]) -> None:
    """Copy `paths` of `source` into `folder`, over what is there."""
    for path in paths:
        copy = folder / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, copy)
