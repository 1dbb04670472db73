"""What a judging process is asked to do, and what it says while it does it."""

import msgspec

from ..language import Message
from .verdict import Result, Verdict


class Job(msgspec.Struct, frozen=True):
    """Judge the folder `target` by the checks of the lesson in the folder `lesson`; both absolute.

    `only` names the checks to run, else all. `first` names the task whose checks come first.
    `ungraded`: run the checks without points too, which otherwise read `not_run`. `stops_early`:
    once failures have one cause, leave the rest out. `ends_at_failure`: leave out all that comes after
    the first check with points that fails. `shortens`: look for the shortest story that
    shows a difference, which nobody needs who wants the verdict alone. The random part is replayed
    from `seed`.
    """

    lesson: str
    target: str
    only: list[str] = []
    first: str | None = None
    ungraded: bool = False
    stops_early: bool = False
    ends_at_failure: bool = False
    shortens: bool = True
    seed: int | None = None


class Began(msgspec.Struct, frozen=True, tag=True):
    """Judging has begun; `checks` are the ids of those that will be run, in their order."""

    checks: list[str]
    seed: int


class CheckBegan(msgspec.Struct, frozen=True, tag=True):
    """A check is being run."""

    id: str


class CheckEnded(msgspec.Struct, frozen=True, tag=True):
    """A check has its result. Of checks after a target that does not start there is none."""

    result: Result


class Printed(msgspec.Struct, frozen=True, tag=True):
    """The target printed these lines while it was checked: what a learner's `print` says."""

    lines: list[str]


class Ended(msgspec.Struct, frozen=True, tag=True):
    """The verdict: always the last event, unless NotJudged is."""

    verdict: Verdict


class NotJudged(msgspec.Struct, frozen=True, tag=True):
    """No verdict, for a reason that is not the target's: what is wrong, and how to fix it."""

    message: Message
    fix: Message


Event = Began | CheckBegan | CheckEnded | Printed | Ended | NotJudged
