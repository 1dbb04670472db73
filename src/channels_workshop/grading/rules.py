"""What an instructor decides about marks: weights, required checks, deadlines, grades; one TOML file.

```toml
zone = "Europe/Berlin"                       # whose calendar days count
late = { per_day = 10, at_most = 50, days = 7 }
pass_mark = 50
grades = { A = 90, B = 75, C = 50 }

[lessons.03_chat_consumer]
deadline = 2026-10-19T23:59:00
tasks = { join = 10 }                        # points of a task, shared out over its checks
checks = { markup_is_harmless = 3 }          # points of one check
required = { joins_its_group = 40 }          # without it at most 40 %

[[extensions]]
student = "anna"
days = 3
```

What stands at the top holds for every lesson that does not say it itself. Percentages are 0 to 100.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

import msgspec

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Points = Annotated[float, msgspec.Meta(ge=0, le=1_000)]
Days = Annotated[int, msgspec.Meta(ge=0, le=366)]


class Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What lateness costs: `per_day` percent for each day that has begun, `at_most` altogether.

    `of` says of what: the points that were earned, or all that could be had. After `days` days
    nothing counts any more; None where there is no such end.
    """

    per_day: Percent = 0
    at_most: Percent = 100
    of: Literal["earned", "total"] = "earned"
    days: Days | None = None


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can hold for all lessons or for one. None: as at the top, else as if there were none.

    `deadline` without an offset is a clock time in the policy's zone. `pass_mark` is a percentage;
    `grades` are names with the percentage from which on each is given.
    """

    deadline: datetime | None = None
    late: Late | None = None
    pass_mark: Percent | None = None
    grades: dict[str, Percent] | None = None


class LessonRules(Rules, frozen=True, forbid_unknown_fields=True):
    """The rules of one lesson.

    `checks` gives checks, by id, other points than their own; `tasks` gives a task so many points,
    which its checks share as their own points have it. `required`: without that check the mark is at
    most so many percent.
    """

    checks: dict[str, Points] = {}
    tasks: dict[str, Points] = {}
    required: dict[str, Percent] = {}


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A later deadline for one student: `days` more, or `until` then. Without `lesson`, for all."""

    student: str
    lesson: str = ""
    days: Days | None = None
    until: datetime | None = None


class Policy(Rules, frozen=True, forbid_unknown_fields=True):
    """All rules. `Policy()`: each check its own points, no deadline, full marks for all of it.

    `lessons` has the lessons' names as keys.
    """

    zone: str = ""
    lessons: dict[str, LessonRules] = {}
    extensions: list[Extension] = []

    def rules(self, lesson: str) -> LessonRules:
        """Return the rules that hold for the lesson of that name."""
        own = self.lessons.get(lesson, LessonRules())
        missing = {
            name: getattr(self, name)
            for name in Rules.__struct_fields__
            if getattr(own, name) is None
        }
        return msgspec.structs.replace(own, **missing)


def unknown_students(policy: Policy, students: Iterable[str]) -> list[str]:
    """Return who has an extension and is none of `students`: a name that may be misspelt."""
    known = {plain_name(student) for student in students}
    return sorted({plain_name(one.student) for one in policy.extensions} - known)


def plain_name(student: str) -> str:
    """Return a student's name as names are compared: one form (NFC), no blanks around it."""
    return unicodedata.normalize("NFC", student).strip()
