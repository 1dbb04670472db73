"""What most have wrong: learners whose work fails the same check in the same way."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ...language import Message
from .course import Course
from .seats import DOES_NOT_START, Seat


@dataclass(frozen=True)
class Alike:
    """These `learners`, by number, fail `check` of `lesson` in the same `way`.

    `check` is None where their work does not start. `beside` counts the other checks that fail for
    no one else: most likely for the same cause. `like` is the known error or the named mistake.
    """

    lesson: str
    check: str | None
    way: str | None
    learners: tuple[int, ...]
    beside: int
    like: Message | None


def alike(seats: Iterable[Seat], course: Course, at_least: int = 2) -> list[Alike]:
    """Return what `at_least` so many have wrong in the same way, the most common first."""
    groups: dict[tuple[str, str, str | None], list[int]] = defaultdict(list)
    known: dict[tuple[str, str, str | None], str] = {}
    for seat in seats:
        for check, way, error in _failures_of(seat):
            key = (seat.lesson or "", check, way)
            groups[key].append(seat.learner.id)
            if error:
                known[key] = error
    order = sorted(
        (key for key, learners in groups.items() if len(learners) >= at_least),
        key=lambda key: (-len(groups[key]), key[0], course.order_of(key[0], key[1]), key[2] or ""),
    )
    chosen: dict[tuple[str, str, str | None], int] = {}
    for key in order:
        cause = next((c for c in chosen if _is_within(groups[key], groups[c], key, c)), None)
        if cause is None:
            chosen[key] = 0
        else:
            chosen[cause] += 1
    return [
        Alike(
            lesson,
            check or None,
            way,
            tuple(groups[lesson, check, way]),
            beside,
            course.error_title(lesson, known.get((lesson, check, way)))
            or course.mistake_title(lesson, check, way),
        )
        for (lesson, check, way), beside in chosen.items()
    ]


def _failures_of(seat: Seat) -> list[tuple[str, str | None, str | None]]:
    if seat.broken is not None:
        return [(DOES_NOT_START, seat.broken, seat.broken_known)]
    return [(check, seen.way, seen.known) for check, seen in seat.failing()]


def _is_within(
    learners: list[int],
    others: list[int],
    key: tuple[str, str, str | None],
    other: tuple[str, str, str | None],
) -> bool:
    """Whether a failure may be the other's: same lesson, another check, and nobody else has it."""
    return key[0] == other[0] and key[1] != other[1] and set(learners) <= set(others)
