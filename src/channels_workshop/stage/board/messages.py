"""What a learner's workshop and the board say to each other: JSON frames, each with a `type`.

The board begins (`Board`), the workshop says who it is (`Hello`), and is welcomed. From then on it
sends its reports, numbered from 1 without a gap, and the board says up to which it has them on disk.
What is in a report is all that the board learns: ids of lessons, tasks and checks, how they went,
and when. Code goes another way, `CodeFile`, on request, and is kept nowhere.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from .limits import (
    LONGEST_CODE,
    LONGEST_ID,
    LONGEST_NAME_SENT,
    LONGEST_PATH,
    LONGEST_SECRET,
    REPORTS_AT_ONCE,
)

#: Of the protocol. A workshop of another version is told so.
VERSION = 1

Id = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID, pattern=r"^[\w.-]+$")]
Secret = Annotated[str, Meta(max_length=LONGEST_SECRET)]
#: A moment in seconds since 1970.
Moment = Annotated[float, Meta(ge=0, le=1e11)]

Stage = Literal["not_started", "underway", "passed"]
#: How a check went; `ahead` where its task is still to be written.
Said = Literal["pass", "fail", "error", "not_run", "ahead"]


class _Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sent; a field that says nothing is left out."""


# ---- What is reported.


class Turned(_Frame, frozen=True, tag="turned"):
    """The learner is at another lesson, or at another task of it; `task` is None where none is left."""

    lesson: Id
    task: Id | None = None
    stage: Stage = "underway"


class Checked(_Frame, frozen=True, tag="checked"):
    """A check went otherwise than before. `way` is in which way it failed, `known` a known error."""

    lesson: Id
    task: Id
    check: Id
    status: Said
    way: Id | None = None
    known: Id | None = None


class Judged(_Frame, frozen=True, tag="judged"):
    """A save was judged to its end. `broken` is the way in which the project does not start."""

    lesson: Id
    broken: Id | None = None
    known: Id | None = None


class Hand(_Frame, frozen=True, tag="hand"):
    """A hand goes up, or down."""

    up: bool


class CodeShown(_Frame, frozen=True, tag="code_shown"):
    """From now on the instructor may, or may not, look at the learner's code."""

    on: bool


class Answered(_Frame, frozen=True, tag="answered"):
    """The answer to “May I help?”."""

    yes: bool


Reported = Turned | Checked | Judged | Hand | CodeShown | Answered


class Report(_Frame, frozen=True):
    """Something that has happened at a learner's, as number so many, at `at` by that machine's clock."""

    number: Annotated[int, Meta(ge=1, le=2**40)]
    at: Moment
    what: Reported


# ---- What whoever teaches has done.


class Asked(_Frame, frozen=True, tag="asked"):
    """“May I help?”."""


class Lowered(_Frame, frozen=True, tag="lowered"):
    """The hand was seen: all that was reported up to `number` counts no more."""

    number: int


Done = Asked | Lowered


# ---- Frames from a learner's workshop.


class Hello(_Frame, frozen=True, tag="hello"):
    """Who comes: a newcomer with the class's `code`, or somebody who is known with their `token`.

    `now` is what the machine's clock says.
    """

    name: Annotated[str, Meta(max_length=LONGEST_NAME_SENT)]
    now: Moment
    code: Secret = ""
    token: Secret = ""


class Reports(_Frame, frozen=True, tag="reports"):
    """Reports in their order; the first follows the last one that the board has."""

    reports: Annotated[list[Report], Meta(min_length=1, max_length=REPORTS_AT_ONCE)]


class CodeFile(_Frame, frozen=True, tag="code_file"):
    """A file of the learner's, number `number` of `of`, since it was asked for and is shown."""

    path: Annotated[str, Meta(max_length=LONGEST_PATH)]
    text: Annotated[str, Meta(max_length=LONGEST_CODE)]
    number: int
    of: int


FromLearner = Hello | Reports | CodeFile


# ---- Frames from the board.


class Board(_Frame, frozen=True, tag="board"):
    """The first frame: which class this is."""

    class_id: str
    version: int = VERSION


class Welcome(_Frame, frozen=True, tag="welcome"):
    """The learner is in, and called `name`. `token` is for a newcomer alone, once, to come back with.

    All reports up to `acknowledged` are on the board's disk.
    """

    name: str
    acknowledged: int
    token: str = ""


class Acknowledged(_Frame, frozen=True, tag="acknowledged"):
    """All reports up to that number are on the board's disk."""

    number: int


class Wishes(_Frame, frozen=True, tag="wishes"):
    """What is wanted of the learner now: whether `help` is offered, whether `code` is looked at.

    A hand that went up with a report up to `lowered` has been seen.
    """

    help: bool = False
    lowered: int = 0
    code: bool = False


class Refused(_Frame, frozen=True, tag="refused"):
    """Why the connection is about to be closed, with this code."""

    code: int


FromBoard = Board | Welcome | Acknowledged | Wishes | Refused

#: Close codes. Those from REPLACED on are worth another try, by and by.
NOT_UNDERSTOOD, WRONG_CODE, UNKNOWN, NO_NAME, FULL, OTHER_VERSION = (
    4400,
    4401,
    4402,
    4403,
    4404,
    4405,
)
OUT_OF_ORDER, TOO_LATE, TOO_MUCH = 4420, 4421, 4429
