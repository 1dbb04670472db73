"""The verdict on one target: what every report, table and exit code is made from."""

from typing import Literal

import msgspec

from ..language import Message
from .failure import DoesNotRun, Failure

Status = Literal["pass", "fail", "error", "not_run"]


class Result(msgspec.Struct):
    """How one check went. `points` is what it is worth: 0 where it could not be run.

    `failure` is there where it failed by the agreement; `message` says why it was not run, or what
    went wrong with the check itself. `is_left_out`: not judged, since others failed for one cause.
    `duration` is in seconds.
    """

    id: str
    task: str
    status: Status
    points: int
    failure: Failure | None = None
    message: Message | None = None
    is_left_out: bool = False
    duration: float = 0.0


class Verdict(msgspec.Struct):
    """All results for one target, in the lesson's order; `duration` is in seconds.

    `broken` is why the target does not start; then no check passes. `stopped` is why all of it was
    ended in the middle: it used more than its sandbox lets it.
    """

    lesson: str
    target: str
    checks: list[Result] = []
    broken: DoesNotRun | None = None
    duration: float = 0.0
    seed: int = 0
    stopped: Message | None = None

    @property
    def status(self) -> Status:
        """`error` where the target did not start, `pass` where every check that ran passed."""
        if self.broken is not None:
            return "error"
        ran = [check.status for check in self.checks if _counts(check)]
        return "pass" if ran and all(status == "pass" for status in ran) else "fail"

    @property
    def score(self) -> int:
        """The points of the checks that passed."""
        return sum(check.points for check in self.checks if check.status == "pass")

    @property
    def max_score(self) -> int:
        """The points of all checks that could be run here."""
        return sum(check.points for check in self.checks)

    def of_task(self, task_id: str) -> list[Result]:
        """Return the results of one task."""
        return [check for check in self.checks if check.task == task_id]

    def passed_task(self, task_id: str) -> bool:
        """Return whether every check of the task that could be run has passed."""
        ran = [check for check in self.of_task(task_id) if _counts(check)]
        return bool(ran) and all(check.status == "pass" for check in ran)


def _counts(result: Result) -> bool:
    return result.status != "not_run" or result.is_left_out
