"""Which files of a project are taken to be judged, and why each other one is not.

Taken are the files under the lesson's `submit`, as they are: byte for byte. A byte order mark or
the line ends of Windows harm neither Python nor a page, and so the lines of a report are those of
the student's file. A text that is not UTF-8 is taken too; the verdict says what is wrong with it.

Of names that differ only in case the one that the lesson's own file has counts, else the first by
alphabet, since not every system can hold both. A file in the place of a folder of the lesson, or
below one of its files, is not taken.

A folder of which nothing is taken is ignored as one, for one reason: so a report stays short.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from ...course.lesson import Lesson
from ...language import Message, counted, message
from ..submission import Ignored
from .archives import named_like_an_archive
from .entries import MIB, Entry
from .known import SETTINGS_OF_CHECKS, Traits, plain
from .projects import LARGEST_FILE, Project

#: More entries than this are counted, not listed.
_MOST_LISTED = 200


def taken(project: Project, traits: Traits) -> tuple[dict[str, bytes], list[Ignored]]:
    """Return the files of `project` that are judged as the lesson's, by path, and the others."""
    lesson = traits.lesson
    files: dict[str, bytes] = {}
    why_not: dict[str, Message] = {}
    for entry in project.entries:
        path = PurePosixPath(entry.path)
        if entry.trouble is not None:
            why_not[entry.path] = entry.trouble
        elif not lesson.is_submitted(path):
            why_not[entry.path] = _why_not_submitted(entry.path, project, traits)
        elif entry.path in project.too_large:
            why_not[entry.path] = message(
                "Larger than {size} MiB, so it is not taken.", size=LARGEST_FILE // MIB
            )
        else:
            files[entry.path] = project.contents[entry.path]
    in_the_way = _in_the_way(files, traits)
    why_not |= in_the_way
    files = {path: files[path] for path in sorted(files) if path not in in_the_way}
    ignored = _grouped(why_not, _folders_above(files))
    why = message("It is in no project of a lesson.")
    beside = {entry.path: entry.trouble or why for entry in project.beside}
    ignored += _grouped(beside, _folders_above(f"{root}/" for root in project.roots))
    return files, _shortened(ignored)


def loose(entries: Iterable[Entry], folder: str) -> list[Ignored]:
    """Return what lies in a student's `folder` beside the archives that are handed in."""
    why = message("It lies beside what was handed in, in no project of a lesson.")
    why_not = {f"{folder}/{entry.path}": entry.trouble or why for entry in entries}
    return _shortened(_grouped(why_not, _folders_above([f"{folder}/"])))


def globs(lesson: Lesson) -> str:
    """Return the lesson's `submit` as it is shown."""
    return ", ".join(lesson.about.submit)


def _why_not_submitted(path: str, project: Project, traits: Traits) -> Message:
    if path in traits.contents:
        content = project.contents.get(path)
        # `start` writes another pytest.ini.
        if content is None or path == SETTINGS_OF_CHECKS or plain(content) == traits.texts[path]:
            return message("Given by the lesson, whose own file is used.")
        return message("Given by the lesson, and changed: the lesson's own file is used.")
    if traits.lesson.is_submitted(PurePosixPath(path.lower())) or path.lower() in traits.paths:
        return message("The lesson has this name in small letters.")
    if named_like_an_archive(path):
        return message("An archive in the hand-in, which is not opened.")
    if _reaches_into_judging(path, traits.lesson):
        return message("Never taken: it could reach into the judging.")
    return message("None of the files to hand in: {globs}.", globs=globs(traits.lesson))


def _reaches_into_judging(path: str, lesson: Lesson) -> bool:
    """Return whether the same path with a harmless name would be taken."""
    return lesson.is_submitted(PurePosixPath(path).with_name("harmless.py"))


def _in_the_way(files: Iterable[str], traits: Traits) -> dict[str, Message]:
    """Return which of `files` cannot lie beside the others, or in the lesson, and why."""
    found: dict[str, Message] = {}
    folders = _folders_above(traits.contents)
    by_spelling: dict[str, list[str]] = defaultdict(list)
    for path in files:
        by_spelling[path.casefold()].append(path)
        if path in folders:
            found[path] = message("The lesson has a folder of that name.")
    for paths in by_spelling.values():
        first, *others = sorted(paths, key=lambda path: (path not in traits.contents, path))
        for path in others:
            found[path] = message("Its name differs from {path} only in case.", path=first)
    standing = (set(files) - found.keys()) | traits.contents.keys()
    for path in files:
        if any(str(parent) in standing for parent in PurePosixPath(path).parents):
            found[path] = message("It lies below what is a file, not a folder.")
    return found


def _folders_above(paths: Iterable[str]) -> set[str]:
    """Return the folders that hold one of `paths`; one that ends in a slash holds itself."""
    return {str(parent) for path in paths for parent in PurePosixPath(f"{path}.").parents}


def _grouped(why_not: dict[str, Message], kept: set[str]) -> list[Ignored]:
    """Return the ignored files, sorted; those of a folder that is not in `kept` as one."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, why in why_not.items():
        parents = [str(parent) for parent in reversed(PurePosixPath(path).parents)]
        folder = next((x for x in parents if x not in kept | {"."}), None)
        alike[f"{folder}/" if folder else path, str(why)].append(path)
    return [
        Ignored(paths[0] if len(paths) == 1 else group, why_not[paths[0]])
        for (group, _why), paths in sorted(alike.items())
    ]


def _shortened(ignored: list[Ignored]) -> list[Ignored]:
    if len(ignored) <= _MOST_LISTED:
        return ignored
    more = counted("{count} more file.", "{count} more files.", len(ignored) - _MOST_LISTED)
    return [*ignored[:_MOST_LISTED], Ignored("…", more)]
