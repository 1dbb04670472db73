"""What was handed in: read from folders, archives and repositories, understood, never run.

Everything is read into memory, within limits; nothing is written, and no name of a submission
becomes the name of a file here. A submission that cannot be judged is one all the same, and says
why. The rules are stated where they are kept: whose it is in `layout` and `names`, where a project
begins in `projects`, of which lesson it is in `recognised`, what is taken in `taken`, and which of
several counts in `newest`.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ...course.lesson import Lesson
from ...language import Message, message
from ..submission import Submission
from .known import Known
from .layout import HandIn, hand_ins
from .newest import one_each
from .reading import Reader


def find_submissions(
    paths: Sequence[Path], lessons: Sequence[Lesson], *, lesson: Lesson | None = None
) -> list[Submission]:
    """Return everything handed in below `paths`: one submission for each student and lesson.

    Each path is a class folder, or one student's folder or archive, or a repository, also as
    `PATH@COMMIT`. Sorted by student, then lesson. With `lesson` only that lesson is graded: a
    submission without a lesson's folder is of it, and a student who handed in others only has one
    that says so. Raises WorkshopError where a path does not exist or holds no submission, and where
    git is needed and missing.
    """
    if lesson is not None and lesson.name not in {each.name for each in lessons}:
        lessons = [*lessons, lesson]
    found = _once([hand_in for path in paths for hand_in in hand_ins(path, lessons)])
    known = Known(lessons)
    reader = Reader(known, lesson)
    submissions = [each for hand_in in found for each in reader.submissions_in(hand_in)]
    submissions += reader.nothing_for_the_lesson({each.student for each in submissions})
    two_ways = _written_in_two_ways(found)
    return [
        msgspec.structs.replace(
            each,
            ignored=[*each.ignored, *reader.loose_files(each.student)],
            notes=[*each.notes, *([_one_student()] if each.student in two_ways else [])],
        )
        for each in one_each(submissions, known)
    ]


def _once(found: list[HandIn]) -> list[HandIn]:
    """Return the hand-ins without those that were given twice."""
    once: dict[tuple[Path, str | None], HandIn] = {}
    for each in found:
        path = each.path.absolute() if each.refused else each.path.resolve()
        once.setdefault((path, each.commit), each)
    return list(once.values())


def _written_in_two_ways(found: list[HandIn]) -> set[str]:
    """Return the students whose name is written in NFC and in NFD."""
    spellings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in found:
        spellings[each.student, unicodedata.normalize("NFC", each.written)].add(each.written)
    return {student for (student, _written), forms in spellings.items() if len(forms) > 1}


def _one_student() -> Message:
    return message("The name is written in two forms of Unicode, which are one student.")
