"""Judges one submission: an order goes in, what came of it comes out, whatever happens."""

import tempfile
import threading
import time
from pathlib import Path

from ..course.lesson import Lesson, load_lesson
from ..judging.events import Began, CheckEnded, Ended, Event, Job, NotJudged
from ..judging.judge import Judge
from ..judging.verdict import Result, Verdict
from ..language import Message, message
from .graded import Graded, GradedStatus
from .order import Order
from .submission import Submission

#: So often a submission is judged again where it was our fault that it came to no verdict.
_TRIES = 3


def mark_order(order: Order, judge: Judge) -> Graded:
    """Judge the order's submission. A fault of ours is tried again, and then said to be one."""
    lesson = load_lesson(Path(order.lesson))
    if order.submission.refused:
        return _graded(order, lesson, "not_graded", reason=order.submission.refused)
    began = time.monotonic()
    reason: Message | None = None
    for _try in range(_TRIES):
        try:
            verdict = _Judging(order, lesson, judge).verdict()
        except NoVerdict as lost:
            reason = lost.reason
            continue
        except OSError as error:  # a full disk, no more processes: the machine's own words
            reason = message("{why}", why=str(error))
            continue
        status: GradedStatus = "pass" if verdict.status == "pass" else "fail"
        return _graded(order, lesson, status, verdict=verdict, duration=time.monotonic() - began)
    return our_fault(order, lesson, reason)


def our_fault(order: Order, lesson: Lesson, reason: Message | None) -> Graded:
    """Return what is said of a submission that came to no verdict, for a `reason` that is ours."""
    return _graded(order, lesson, "error", reason=reason)


class NoVerdict(Exception):
    """The submission came to no verdict, for a `reason` that is ours."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


class _Judging:
    """One try to judge a submission, with an end."""

    def __init__(self, order: Order, lesson: Lesson, judge: Judge) -> None:
        self._order = order
        self._lesson = lesson
        self._judge = judge
        self._results: list[Result] = []
        self._checks: list[str] = []
        self._is_over = False

    def verdict(self) -> Verdict:
        """Return the verdict; of a submission that comes to no end, what was reached until then."""
        self._judge.warm()
        with tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True) as folder:
            # Its name is the lesson's, as it is for a learner.
            target = Path(folder) / self._lesson.name
            write_submission(self._order.submission, target)
            job = Job(self._order.lesson, str(target), seed=self._order.seed)
            clock = threading.Timer(self._order.longest, self._end)
            clock.start()
            last: Event | None = None
            try:
                for last in self._judge.judge(job):
                    self._note(last)
            finally:
                clock.cancel()
        if isinstance(last, Ended):
            return last.verdict
        if self._is_over:
            return self._unfinished()
        raise NoVerdict(
            last.message if isinstance(last, NotJudged) else message("The judging process ended.")
        )

    def _note(self, event: Event) -> None:
        if isinstance(event, Began):
            self._checks = event.checks
        elif isinstance(event, CheckEnded):
            self._results.append(event.result)

    def _end(self) -> None:
        self._is_over = True
        self._judge.cancel()

    def _unfinished(self) -> Verdict:
        """Return what was reached; each check that was not has failed."""
        longest = self._order.longest
        why = message("It had not come to its end after {n:.0f} s.", n=longest)
        reached = {result.id: result for result in self._results}
        wanted = [check for check in self._lesson.checks if check.points]
        results = [
            reached.get(check.id) or Result(check.id, check.task, "fail", check.points, message=why)
            for check in wanted
        ]
        return Verdict(
            self._lesson.name,
            self._order.submission.source,
            results,
            duration=longest,
            seed=self._order.seed,
        )


def write_submission(submission: Submission, folder: Path) -> None:
    """Write the files of a submission, of which only those that are taken are left, to `folder`."""
    for path, content in submission.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _graded(
    order: Order,
    lesson: Lesson,
    status: GradedStatus,
    *,
    verdict: Verdict | None = None,
    reason: Message | None = None,
    duration: float = 0.0,
) -> Graded:
    submission = order.submission
    notes = list(submission.notes)
    if verdict:
        verdict.target = submission.source  # not the folder of ours that it was judged in
        if verdict.stopped:
            notes.append(message("All of it was ended: {why}", why=verdict.stopped))
    return Graded(
        student=submission.student,
        lesson=submission.lesson,
        source=submission.source,
        status=status,
        max_score=sum(check.points for check in lesson.checks),
        sandbox=order.sandbox,
        seed=order.seed,
        fingerprint=order.fingerprint,
        verdict=verdict,
        reason=reason,
        taken=sorted(submission.files),
        ignored=submission.ignored,
        notes=notes,
        handed_in_at=submission.handed_in_at,
        duration=duration,
    )
