"""Why a hand-in holds nothing that can be judged, in words that help its author to mend it."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from ...course.lesson import Lesson
from ...language import Message, message
from .archives import named_like_an_archive
from .entries import Entry
from .known import Known
from .names import moodle_number
from .projects import DESCRIPTION
from .taken import globs

#: In every document of an office program, which is a zip as well.
_OFFICE = {"[Content_Types].xml", "mimetype"}


def why_nothing(entries: Sequence[Entry], known: Known, lesson: Lesson | None) -> Message:
    """Return why there is no project in `entries`; `lesson` is the one wanted, None if any."""
    files = [entry.path for entry in entries if entry.trouble is None]
    if not files:
        return _why_no_files(entries)
    if any(moodle_number(path.partition("/")[0]) for path in files):
        return message("It holds the work of a class. Unpack it, and grade the folder.")
    if _OFFICE.intersection(files):
        return message("This is a document. Hand in the project's folder, as a zip.")
    if any(PurePosixPath(path).name == DESCRIPTION for path in files):
        return message(
            "This is the lesson itself, with the reference in it. Your work is in the folder "
            "workspace: hand in that."
        )
    if archive := next(filter(named_like_an_archive, files), None):
        return message(
            "It holds an archive, {path}, which is not opened. Hand in that one.", path=archive
        )
    if place := _where_it_belongs(files, known, lesson):
        file, belongs = place
        return message(
            "No file is where a lesson has it: {file} belongs at {place}. Hand in the whole "
            "project, with its folders.",
            file=file,
            place=belongs,
        )
    return nothing_of(lesson)


def nothing_of(lesson: Lesson | None) -> Message:
    """Return that no file of `lesson`, or of any where it is None, was handed in."""
    if lesson is None:
        return message("No file of a lesson's project is in it.")
    return message(
        "No file of {lesson} is in it. These are to be handed in: {globs}.",
        lesson=lesson.name,
        globs=globs(lesson),
    )


def _why_no_files(entries: Sequence[Entry]) -> Message:
    if not entries:
        return message("It is empty.")
    troubles = {str(entry.trouble): entry for entry in entries}
    if len(troubles) > 1:
        return message("No file in it can be taken.")
    [entry] = troubles.values()
    assert entry.trouble is not None
    return message(
        "No file in it can be taken. {path}: {why}", path=entries[0].path, why=entry.trouble
    )


def _where_it_belongs(
    files: Sequence[str], known: Known, lesson: Lesson | None
) -> tuple[str, str] | None:
    """Return a file that lies outside its folder, and where the lesson has it: the only place."""
    places: dict[str, set[str]] = defaultdict(set)
    for path in known.paths if lesson is None else known.of(lesson).paths:
        if path.endswith(".py"):
            places[PurePosixPath(path).name].add(path)
    for file in files:
        belongs = places.get(file.rpartition("/")[2], set())
        if len(belongs) == 1:
            return file, next(iter(belongs))
    return None
