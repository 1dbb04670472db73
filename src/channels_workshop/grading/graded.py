"""What came of a submission: data that is kept on disk, and that every mark and report is made from."""

from datetime import datetime
from typing import Literal

import msgspec

from ..judging.verdict import Verdict
from ..language import Message
from .submission import Ignored

Level = Literal["strong", "basic"]
GradedStatus = Literal["pass", "fail", "error", "not_graded"]


class Graded(msgspec.Struct, frozen=True):
    """What came of one submission.

    `verdict` is there where it was judged. `reason` says why not: a fault of the student's
    (`not_graded`: nothing handed in, unreadable, another lesson's), or one of ours (`error`, never
    a zero). `max_score` is the lesson's, also where nothing was judged. `behaves_like` is the
    named mistake that it behaves like, None where none fits well. `fingerprint` is a digest of all
    that the verdict hangs on: the files taken, the lesson with its checks, and the seed.
    """

    student: str
    lesson: str
    source: str
    status: GradedStatus
    max_score: int
    sandbox: Level
    seed: int
    fingerprint: str
    verdict: Verdict | None = None
    reason: Message | None = None
    taken: list[str] = []
    ignored: list[Ignored] = []
    notes: list[Message] = []
    behaves_like: str | None = None
    handed_in_at: datetime | None = None
    duration: float = 0.0

    @property
    def score(self) -> int | None:
        """The points of the checks that passed; None where it is our fault that there are none."""
        if self.status == "error":
            return None
        return self.verdict.score if self.verdict else 0
