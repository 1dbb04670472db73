"""One grading of a class, from what was handed in to results: each is kept as soon as it has come."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..course.lesson import Lesson
from ..judging.verdict import Verdict
from ..processes.sandbox import Level
from .executors import Executor
from .graded import Graded
from .marks import Mark, mark
from .order import Order, order_for
from .records import Records
from .resemblance import compared
from .rules import Policy
from .submission import Submission

#: Seconds after which a submission is given up. A right solution of the longest lesson takes half a
#: minute; one that answers nothing is judged in three.
LONGEST = 600.0


@dataclass
class Grading:
    """The grading of `submissions`. `lessons` are those that may be among them, by name.

    `results` has what has come so far, sorted by student and lesson.
    """

    submissions: Sequence[Submission]
    lessons: Mapping[str, Lesson]
    records: Records
    seed: int
    sandbox: Level
    policy: Policy = field(default_factory=Policy)
    longest: float = LONGEST

    def __post_init__(self) -> None:
        self._graded: dict[tuple[str, str], Graded] = {}
        self._orders = {
            (order.submission.student, order.submission.lesson): order
            for order in map(self._order, self.submissions)
            if order is not None
        }

    def _order(self, submission: Submission) -> Order | None:
        lesson = self.lessons.get(submission.lesson)
        if lesson is None:
            return None
        return order_for(submission, lesson, self.seed, self.sandbox, self.longest)

    def begin(self, *, resume: bool = False) -> None:
        """Put aside what an earlier grading has found; or `resume` it, where it was of the same."""
        if resume:
            for order in self._orders.values():
                if graded := self.records.find(order):
                    self._take(graded)
        else:
            self.records.put_aside()
        for submission in self.submissions:
            if submission.lesson not in self.lessons:
                graded = _of_no_lesson(submission, self.seed, self.sandbox)
                self.records.keep(None, graded)
                self._take(graded)

    @property
    def left(self) -> list[Order]:
        """What is still to be judged."""
        return [order for key, order in self._orders.items() if key not in self._graded]

    def run(self, executor: Executor) -> Iterator[Graded]:
        """Judge what is left, and yield what comes, which is on disk by then."""
        for graded in executor.mark(self.left):
            graded = compared(graded, self.lessons[graded.lesson])
            self.records.keep(self._orders[graded.student, graded.lesson], graded)
            self._take(graded)
            yield graded

    def _take(self, graded: Graded) -> None:
        self._graded[graded.student, graded.lesson] = graded

    @property
    def results(self) -> list[tuple[Graded, Mark]]:
        """What has come so far, each with its mark."""
        graded = [self._graded[key] for key in sorted(self._graded)]
        return marked(graded, self.policy, self.lessons)


def marked(
    graded: Sequence[Graded], policy: Policy, lessons: Mapping[str, Lesson]
) -> list[tuple[Graded, Mark]]:
    """Return each with its mark by `policy`."""
    return [(one, mark(one, policy, lessons.get(one.lesson))) for one in graded]


def _of_no_lesson(submission: Submission, seed: int, sandbox: Level) -> Graded:
    """Return what comes of a submission that belongs to no lesson: a reason."""
    return Graded(
        student=submission.student,
        lesson=submission.lesson,
        source=submission.source,
        status="not_graded",
        max_score=0,
        sandbox=sandbox,
        seed=seed,
        fingerprint="",
        reason=submission.refused,
        ignored=submission.ignored,
        notes=submission.notes,
        handed_in_at=submission.handed_in_at,
    )


def differences(before: Verdict | None, after: Verdict | None) -> list[tuple[str, str, str]]:
    """Return each check of which two verdicts say something else: its id, before, after."""
    then = {result.id: result.status for result in before.checks} if before else {}
    now = {result.id: result.status for result in after.checks} if after else {}
    return [
        (check, then.get(check, "—"), now.get(check, "—"))
        for check in {**then, **now}
        if then.get(check) != now.get(check)
    ]
