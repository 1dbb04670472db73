"""The projects in a hand-in: where each begins, and its files, read into memory within limits.

A project begins in the folder below which a file lies at a path that some lesson's project has
among the files that are handed in (`chat/consumers.py`, say); of such folders in one another the
outermost. Where there is none, a Python file that any lesson's `submit` would take is enough.
Whatever wraps it does not matter.

A lesson's own folder, told by its `lesson.toml`, is never a learner's work: the reference is in it.
So of a clone of the whole workshop `workspace/` counts, and without one the folders that name a
lesson.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ...course.lesson import Lesson
from ...language import message
from .entries import MIB, Entry, Source, Unreadable
from .known import Known
from .names import lesson_named

#: The largest file that is taken, and the most of one hand-in: bytes, files, and projects.
LARGEST_FILE = MIB
LARGEST_HAND_IN = 20 * MIB
MOST_FILES = 2_000
MOST_PROJECTS = 100

_WORKSPACE = "workspace"
#: Tells a lesson's own folder.
DESCRIPTION = "lesson.toml"


@dataclass(frozen=True)
class Project:
    """One project in a hand-in, which begins at the folder `root` (empty for the hand-in itself).

    `lessons` are those that the folders down to it name, outermost first. `entries` are its files,
    by their paths below `root`; `contents` the bytes of those that a lesson could want, `too_large`
    the paths of those that are larger than LARGEST_FILE. `beside` are files of the hand-in that are
    in no project, by their paths in the hand-in, where the projects begin at `roots`.
    """

    root: str
    lessons: list[Lesson]
    entries: list[Entry]
    contents: dict[str, bytes] = field(default_factory=dict)
    too_large: set[str] = field(default_factory=set)
    beside: list[Entry] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)

    @property
    def is_the_lesson_itself(self) -> bool:
        """Whether it is a lesson's own folder, or a copy of one."""
        return any(entry.path == DESCRIPTION for entry in self.entries)


def projects_in(source: Source, known: Known) -> list[Project]:
    """Return the projects of a hand-in, sorted by where they are. Raises Unreadable."""
    roots = _roots(source.entries, known)
    if len(roots) > MOST_PROJECTS:
        raise Unreadable(
            message(
                "It holds more than {count} projects. Hand in yours alone.", count=MOST_PROJECTS
            )
        )
    projects = {root: Project(root, _lessons_above(root, known.lessons), []) for root in roots}
    beside = []
    for entry in source.entries:
        root = _root_above(entry.path, roots)
        if root is None:
            beside.append(entry)
        else:
            below = entry.path[len(root) + 1 :] if root else entry.path
            projects[root].entries.append(replace(entry, path=below))
    _read(source, projects, known)
    work, others = _split(projects.values())
    # What lies in none of them is told with each.
    roots_of_work = [project.root for project in work]
    return [replace(x, beside=[*beside, *others], roots=roots_of_work) for x in work]


def _roots(entries: Sequence[Entry], known: Known) -> set[str]:
    """Return the folders at which projects begin."""
    candidates = [
        (root, below)
        for entry in entries
        if entry.trouble is None
        for root, below in _splits(entry.path, known.heads)
    ]
    found = {root for root, below in candidates if below in known.paths} or {
        root
        for root, below in candidates
        if below.endswith(".py") and known.is_submitted_anywhere(PurePosixPath(below))
    }
    return {root for root in found if not any(outer in found for outer in _strictly_above(root))}


def _splits(path: str, heads: set[str]) -> Iterator[tuple[str, str]]:
    """Yield each folder above `path`, and the rest of it, where the rest begins with a head."""
    parts = path.split("/")
    for count, part in enumerate(parts):
        if part in heads:
            yield "/".join(parts[:count]), "/".join(parts[count:])


def _above(path: str) -> list[str]:
    """Return the folders that hold `path`, outermost first; the first is the hand-in, empty."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(len(parts) + 1)]


def _strictly_above(folder: str) -> list[str]:
    return _above(folder) if folder else []


def _below(path: str, root: str) -> str:
    return path[len(root) + 1 :] if root else path


def _root_above(path: str, roots: set[str]) -> str | None:
    return next((root for root in _above(path) if root in roots), None)


def _lessons_above(root: str, lessons: Sequence[Lesson]) -> list[Lesson]:
    named = (lesson_named(part, lessons) for part in root.split("/") if root)
    return [lesson for lesson in named if lesson]


def _split(projects: Iterable[Project]) -> tuple[list[Project], list[Entry]]:
    """Return the projects that may be the learner's work, sorted, and the folders of the others."""
    projects = sorted(projects, key=lambda project: project.root)
    work = [project for project in projects if not project.is_the_lesson_itself]
    if len(work) < len(projects):
        in_workspace = [project for project in work if _WORKSPACE in project.root.split("/")]
        work = in_workspace or [project for project in work if project.lessons]
    why = message("Part of the workshop itself. Your work is in the folder workspace.")
    others = [project for project in projects if project not in work]
    return work, [Entry(f"{project.root}/", trouble=why) for project in others]


def _read(source: Source, projects: Mapping[str, Project], known: Known) -> None:
    """Read what a lesson could want, in the order of the source, counting every byte."""
    roots = set(projects)
    left, files = LARGEST_HAND_IN, 0
    for entry in source.entries:
        root = _root_above(entry.path, roots)
        if root is None or entry.trouble is not None:
            continue
        path = _below(entry.path, root)
        if not known.is_wanted(PurePosixPath(path)):
            continue
        files += 1
        if files > MOST_FILES:
            raise Unreadable(
                message(
                    "It holds more than {count} files at the places of the lesson's own.",
                    count=MOST_FILES,
                )
            )
        try:
            content = b"" if entry.size > LARGEST_FILE else source.read(entry, LARGEST_FILE + 1)
        except Unreadable:
            if known.is_submitted_anywhere(PurePosixPath(path)):
                raise
            continue  # it would only have told which lesson it is
        left -= len(content)
        if left < 0:
            raise Unreadable(
                message(
                    "Unpacked, it is larger than {size} MiB. Hand in the project alone.",
                    size=LARGEST_HAND_IN // MIB,
                )
            )
        if max(entry.size, len(content)) > LARGEST_FILE:
            projects[root].too_large.add(path)
        else:
            projects[root].contents[path] = content
