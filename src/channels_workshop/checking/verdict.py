"""The verdict on one target: what every report, table and exit code is made from."""

from dataclasses import asdict, dataclass, field
from typing import Literal

Status = Literal["pass", "fail", "error", "not_run"]

#: Version of the JSON that `check --json` prints.
VERSION = 1


@dataclass
class Result:
    """How one check went. `points` is what it is worth: 0 where it could not be run."""

    id: str
    task: str
    status: Status
    points: int
    message: str | None = None
    duration: float = 0.0


@dataclass
class Verdict:
    """All results for one target, in the lesson's order; durations are in seconds."""

    lesson: str
    target: str
    checks: list[Result] = field(default_factory=list)
    message: str | None = None
    duration: float = 0.0
    seed: int = 0

    @property
    def status(self) -> Status:
        """`error` where the target did not start, `pass` where every check that ran passed."""
        if self.message is not None:
            return "error"
        ran = [check.status for check in self.checks if check.status != "not_run"]
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
        """Tell whether every check of the task that could be run has passed."""
        ran = [check for check in self.of_task(task_id) if check.status != "not_run"]
        return bool(ran) and all(check.status == "pass" for check in ran)

    def to_json(self) -> dict[str, object]:
        """Return the document that `check --json` prints."""
        return {
            "version": VERSION,
            "lesson": self.lesson,
            "target": self.target,
            "status": self.status,
            "message": self.message,
            "score": self.score,
            "max_score": self.max_score,
            "duration": round(self.duration, 3),
            "seed": self.seed,
            "checks": [
                {**asdict(check), "duration": round(check.duration, 3)} for check in self.checks
            ],
        }
