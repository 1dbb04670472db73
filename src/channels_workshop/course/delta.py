"""What changed since the lesson before: found in the files, and compared with what is declared."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from .lesson import Lesson
from .project import matches
from .sections import without_markers


@dataclass(frozen=True)
class Change:
    """One file that differs between two lessons: `how` is added, changed or removed."""

    path: PurePosixPath
    how: str


def changes(before: Lesson, after: Lesson) -> list[Change]:
    """Return what differs between the projects of two lessons, marker lines aside."""
    old, new = set(before.project_files), set(after.project_files)
    found = [Change(path, "removed") for path in old - new]
    found += [Change(path, "added") for path in new - old]
    for path in old & new:
        texts = [_content(lesson, path) for lesson in (before, after)]
        if texts[0] != texts[1]:
            found.append(Change(path, "changed"))
    return sorted(found, key=lambda change: change.path)


def undeclared(before: Lesson, after: Lesson) -> list[Change]:
    """Return the changes that `after` does not declare in its `[delta]`."""
    return [
        change
        for change in changes(before, after)
        if not matches(change.path, getattr(after.delta, change.how))
    ]


def _content(lesson: Lesson, path: PurePosixPath) -> str | bytes:
    data = (lesson.folder / path).read_bytes()
    try:
        return without_markers(data.decode())
    except UnicodeDecodeError:  # a picture
        return data
