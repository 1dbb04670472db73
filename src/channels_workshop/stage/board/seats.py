"""What is known of each learner: their events, added up one by one. No clock has a say in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .ledger import Event, Learner
from .messages import (
    Answered,
    Asked,
    Checked,
    CodeShown,
    Hand,
    Judged,
    Lowered,
    Said,
    Stage,
    Turned,
)

#: Seconds. Of a longer silence, so much counts as time at the task: the rest was a break.
PAUSE = 15 * 60.0


@dataclass(frozen=True)
class CheckSeen:
    """How a check of a task went last; of a failure, in which way, and which known error it is."""

    task: str
    status: Said
    way: str | None = None
    known: str | None = None


#: What is wrong at one moment: the failing checks, each with its way; or how it does not start.
Picture = frozenset[tuple[str, str | None]]

#: Stands in a picture in the place of a check where the project does not start.
DOES_NOT_START = ""


@dataclass
class Seat:
    """A learner as things stand after the events so far.

    They are at `task` of `lesson`, both None before they were anywhere. `spent` holds the seconds at
    each task, `finished` the tasks that have passed, `last_at` the last sign of work. `moved_at` is
    when something was last new: a task, a check that had never passed, a failure not met before in
    this task; `tries` counts the saves judged since, and `circle` holds what was wrong after each.
    `hand_at` is since when a hand is up, with report `hand_number`; `asked_at` since when “May I
    help?” has no answer, `answer` the last one.
    """

    learner: Learner
    lesson: str | None = None
    task: str | None = None
    stage: Stage = "not_started"
    spent: dict[tuple[str, str], float] = field(default_factory=dict)
    finished: set[tuple[str, str]] = field(default_factory=set)
    checks: dict[tuple[str, str], CheckSeen] = field(default_factory=dict)
    broken: str | None = None
    broken_known: str | None = None
    last_at: float = 0.0
    moved_at: float = 0.0
    tries: int = 0
    circle: set[Picture] = field(default_factory=set)
    hand_at: float | None = None
    hand_number: int = 0
    lowered: int = 0
    shows_code: bool = False
    asked_at: float | None = None
    answer: bool | None = None
    _met: set[Picture] = field(default_factory=set)
    _ever_passed: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.last_at = self.moved_at = self.learner.joined_at

    # ---- What it comes to.

    def failing(self) -> Iterator[tuple[str, CheckSeen]]:
        """Yield the checks of the lesson at hand that fail, with their ids. Of broken work, none."""
        if self.broken is None:
            for (lesson, check), seen in self.checks.items():
                if lesson == self.lesson and seen.status in ("fail", "error"):
                    yield check, seen

    @property
    def picture(self) -> Picture:
        """What is wrong now; empty where nothing is, or nothing is written yet."""
        if self.broken is not None:
            return frozenset({(DOES_NOT_START, self.broken)})
        return frozenset((check, seen.way) for check, seen in self.failing())

    def seconds_at_task(self, now: float) -> float:
        """Return how long the learner has worked at the task at hand."""
        if self.lesson is None or self.task is None:
            return 0.0
        return self.spent.get((self.lesson, self.task), 0.0) + _worked(self.last_at, now)

    # ---- One event after the other.

    def add(self, event: Event) -> None:
        """Add what has happened."""
        at, what = event.at, event.what
        match what:
            case Turned():
                self._work_until(at)
                self._turn(what, at)
            case Checked():
                self._work_until(at)
                self._check(what, at)
            case Judged():
                self._work_until(at)
                self._judge(what, at)
            case Hand(up=up):
                assert event.number is not None
                self.hand_at, self.hand_number = (at if up else None), event.number
            case CodeShown(on=on):
                self.shows_code = on
            case Asked():
                self.asked_at, self.answer = at, None
            case Answered(yes=yes):
                self.asked_at, self.answer = None, yes
            case Lowered(number=number):
                self.lowered = max(self.lowered, number)
                if self.hand_number <= number:
                    self.hand_at = None

    def _work_until(self, at: float) -> None:
        if self.lesson is not None and self.task is not None:
            key = (self.lesson, self.task)
            self.spent[key] = self.spent.get(key, 0.0) + _worked(self.last_at, at)
        self.last_at = max(self.last_at, at)

    def _turn(self, what: Turned, at: float) -> None:
        before = (self.lesson, self.task)
        if self.lesson and self.task and what.lesson == self.lesson and self._has_passed(self.task):
            self.finished.add((self.lesson, self.task))
        self.lesson, self.task, self.stage = what.lesson, what.task, what.stage
        if what.task:
            self.finished.discard((what.lesson, what.task))
        if before != (what.lesson, what.task):
            self.broken = self.broken if before[0] == what.lesson else None
            self._met = {self.picture}
            self._moved(at)

    def _has_passed(self, task: str) -> bool:
        of_task = [
            seen.status
            for (lesson, _check), seen in self.checks.items()
            if lesson == self.lesson and seen.task == task
        ]
        return "pass" in of_task and set(of_task) <= {"pass", "not_run"}

    def _check(self, what: Checked, at: float) -> None:
        key = (what.lesson, what.check)
        self.checks[key] = CheckSeen(what.task, what.status, what.way, what.known)
        if what.status == "pass" and key not in self._ever_passed:
            self._ever_passed.add(key)
            self._moved(at)

    def _judge(self, what: Judged, at: float) -> None:
        self.broken, self.broken_known = what.broken, what.known
        picture = self.picture
        if picture not in self._met:
            self._met.add(picture)
            self._moved(at)
        else:
            self.tries += 1
        self.circle.add(picture)

    def _moved(self, at: float) -> None:
        self.moved_at, self.tries, self.circle = max(self.moved_at, at), 0, set()


def _worked(since: float, until: float) -> float:
    return min(max(until - since, 0.0), PAUSE)


class Seats:
    """All seats, by the number of the learner; `last` is the id of the last event in them."""

    def __init__(self) -> None:
        self.by_learner: dict[int, Seat] = {}
        self.last = 0

    def admit(self, learners: Iterable[Learner]) -> None:
        """Give those a seat who have none."""
        for learner in learners:
            self.by_learner.setdefault(learner.id, Seat(learner))

    def add(self, event: Event) -> None:
        """Add the next event. Its learner has to have a seat."""
        self.by_learner[event.learner].add(event)
        self.last = event.id
