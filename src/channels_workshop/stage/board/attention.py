"""Who needs somebody: pure functions over seats, and a clock that is given as a value.

Whoever is stuck is found by what does not happen: nothing new for PATIENCE, while something is wrong.
New is a task, a check that had never passed, a failure that was not met before in this task. To come
back to an earlier failure is nothing new.
"""

from dataclasses import dataclass
from typing import Literal

from ...language import Message, counted, message
from .course import Course
from .seats import Seat

#: Seconds with something wrong and nothing new.
PATIENCE = 170.0
#: Saves without anything new from which on it is a matter of trying, not of silence.
_TRIES = 2
#: Seconds in which one may read, with nothing wrong and nothing saved: so many, or the plan's minutes.
_READING = 8 * 60.0
#: So many times the plan's minutes are late.
_LATE = 2.0

#: In the order in which somebody is needed.
Kind = Literal["stuck", "late", "moving", "not_started", "passed", "away"]


@dataclass(frozen=True)
class Attention:
    """How a learner does: `why`, in words, and since which moment."""

    kind: Kind
    why: Message
    since: float

    @property
    def is_alarm(self) -> bool:
        """Whether somebody should go there."""
        return self.kind == "stuck"


def attention(seat: Seat, course: Course, now: float, present: bool) -> Attention:
    """Return how the learner in `seat` does at `now`, a moment of the board's clock."""
    if not present:
        return Attention("away", message("not connected"), seat.last_at)
    if seat.stage == "passed":
        return Attention("passed", message("the lesson is done"), seat.last_at)
    if seat.stage == "not_started" or seat.lesson is None:
        return Attention("not_started", message("has not started the lesson"), seat.last_at)
    if seat.picture:
        if now - seat.moved_at >= PATIENCE:
            return Attention("stuck", _why_stuck(seat), seat.moved_at)
    elif now - seat.last_at >= max(_READING, 60 * course.minutes(seat.lesson, seat.task)):
        return Attention("stuck", message("nothing written, nothing saved"), seat.last_at)
    if seat.seconds_at_task(now) > _LATE * 60 * course.minutes(seat.lesson, seat.task):
        return Attention("late", message("moves, but takes twice the plan’s time"), seat.moved_at)
    return Attention("moving", message("moves"), seat.moved_at)


def _why_stuck(seat: Seat) -> Message:
    if seat.tries >= _TRIES and len(seat.circle) > 1:
        return counted(
            "goes round between the same failures: {count} save",
            "goes round between the same failures: {count} saves",
            seat.tries,
        )
    if seat.tries >= _TRIES and seat.broken is not None:
        return counted(
            "does not start, for the same reason: {count} save",
            "does not start, for the same reason: {count} saves",
            seat.tries,
        )
    if seat.tries >= _TRIES:
        return counted(
            "the same failure again: {count} save",
            "the same failure again: {count} saves",
            seat.tries,
        )
    if seat.broken is not None:
        return message("does not start, and nothing new since")
    return message("a check fails, and nothing new since")
