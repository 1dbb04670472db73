"""After the class: what the tasks took, and what was wrong, of everybody together.

Nothing in it is about one person: no name, no row of somebody's own, no time of day, and no figure to
which fewer than FEWEST have contributed.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median, quantiles

from .course import Course
from .ledger import Event
from .messages import Checked, Judged
from .seats import Seat, Seats

#: A figure about fewer people would be about somebody.
FEWEST = 3
#: From so many people on the minutes say something about the task; and from such a part of it off.
_ENOUGH, _OFF = 5, 0.25


@dataclass(frozen=True)
class TaskMinutes:
    """How long a task took those `learners` who finished it: median and quartiles, in minutes.

    `planned` is what `lesson.toml` says.
    """

    lesson: str
    task: str
    planned: int
    learners: int
    lower: float
    middle: float
    upper: float

    @property
    def corrected(self) -> int | None:
        """The minutes that `lesson.toml` should say, None where those are right, or too few know."""
        off = abs(self.middle - self.planned) > _OFF * self.planned
        return max(1, round(self.middle)) if off and self.learners >= _ENOUGH else None


@dataclass(frozen=True)
class Mistaken:
    """So many `learners` have failed `check` of `lesson` in that `way`; None: it did not start."""

    lesson: str
    check: str | None
    way: str | None
    learners: int


@dataclass(frozen=True)
class Summary:
    """A class of so many `learners`."""

    learners: int
    tasks: list[TaskMinutes]
    mistakes: list[Mistaken]


def summary(seats: Seats, events: Iterable[Event], course: Course) -> Summary:
    """Return what can be said of the class in `seats`, to which those `events` have led."""
    everybody = list(seats.by_learner.values())
    return Summary(len(everybody), _minutes(everybody, course), _mistakes(events, course))


def _minutes(everybody: list[Seat], course: Course) -> list[TaskMinutes]:
    rows = []
    for lesson in course.lessons:
        for task in lesson.tasks:
            key = (lesson.name, task.id)
            taken = [
                seat.spent[key] / 60 for seat in everybody if key in seat.finished & set(seat.spent)
            ]
            if len(taken) >= FEWEST:
                lower, _middle, upper = quantiles(taken, n=4, method="inclusive")
                row = (len(taken), lower, median(taken), upper)
                rows.append(TaskMinutes(lesson.name, task.id, task.minutes, *row))
    return rows


def _mistakes(events: Iterable[Event], course: Course) -> list[Mistaken]:
    met: set[tuple[int, str, str, str | None]] = set()
    for event in events:
        match event.what:
            case Checked(lesson=lesson, check=check, status="fail" | "error", way=way):
                met.add((event.learner, lesson, check, way))
            case Judged(lesson=lesson, broken=str(way)):
                met.add((event.learner, lesson, "", way))
    counts = Counter((lesson, check, way) for _learner, lesson, check, way in met)
    rows = [Mistaken(*key, count) for key, count in counts.items() if count >= FEWEST]
    rows = [Mistaken(row.lesson, row.check or None, row.way, row.learners) for row in rows]
    return sorted(
        rows,
        key=lambda row: (
            -row.learners,
            row.lesson,
            course.order_of(row.lesson, row.check or ""),
            row.way or "",
        ),
    )
