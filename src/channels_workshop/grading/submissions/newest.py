"""Which of several submissions of one student for one lesson counts.

One that can be judged counts before one that cannot; then one that has a file in which a task is
written before one that has none (`chat.zip` before `config.zip`, where somebody handed in both).
Then the one that was handed in last: that is the time of the newest file taken from it, of a
repository the time of its commit; one whose time is not known is older than any other. Of the same
time, the one whose name people would sort last: `anna.zip` before `anna (2).zip` before
`anna_v2.zip`, and a folder before an archive of its name.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import PurePosixPath

import msgspec

from ...language import Message, message
from ..submission import Submission
from .known import Known
from .names import natural


def one_each(submissions: Iterable[Submission], known: Known) -> list[Submission]:
    """Return one submission for each student and lesson, by student and lesson.

    What does not count is told in the `notes` of what does. One that nothing is known of, not even
    its lesson, is told with the student's others where there are any.
    """
    by_student: dict[str, dict[str, list[Submission]]] = defaultdict(lambda: defaultdict(list))
    for submission in submissions:
        by_student[submission.student][submission.lesson].append(submission)
    found = []
    for student in sorted(by_student):
        by_lesson = by_student[student]
        of_no_lesson = by_lesson.pop("", []) if len(by_lesson) > 1 else []
        for lesson in sorted(by_lesson):
            places = known.places_of_tasks(lesson)
            *others, counts = sorted(by_lesson[lesson], key=lambda each: _rank(each, places))
            told = [
                _does_not_count(other, counts, places)
                for other in [*reversed(others), *of_no_lesson]
            ]
            found.append(msgspec.structs.replace(counts, notes=[*counts.notes, *told]))
    return found


def _rank(
    submission: Submission, places: set[str]
) -> tuple[bool, bool, datetime, list[int | str], list[int | str]]:
    source = PurePosixPath(submission.source)
    return (
        submission.refused is None,
        not places.isdisjoint(submission.files),
        submission.handed_in_at or datetime.min.replace(tzinfo=UTC),
        natural(str(source.with_name(source.stem)) if source.name else ""),
        natural(submission.source),
    )


def _does_not_count(other: Submission, counts: Submission, places: set[str]) -> Message:
    if other.refused is not None:
        return message("{source} does not count: {why}", source=other.source, why=other.refused)
    if places.isdisjoint(other.files) and not places.isdisjoint(counts.files):
        return message(
            "{source} does not count: no file in it is one in which a task is written.",
            source=other.source,
        )
    if other.handed_in_at is None:
        return message("{source} does not count: another one is newer.", source=other.source)
    return message(
        "{source}, of {when}, does not count: another one is newer.",
        source=other.source,
        when=other.handed_in_at.astimezone().isoformat(" ", "minutes"),
    )
