"""Marks: what a submission is worth, as a pure function of what came of it and the policy.

Nothing is judged here, so a deadline that moves changes marks and needs no new run. Points are kept in
hundredths while they are reckoned with, and what does not come out even is rounded for the student.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Literal

import msgspec

from ..course.lesson import Check, Lesson
from ..course.words import Words
from ..judging.verdict import Result
from ..language import Message, counted, message
from .graded import Graded
from .lateness import days_late, due_at, is_extended
from .rules import LessonRules, Policy

StepKind = Literal["check", "nothing", "broken", "ours", "required", "late", "note"]


class Step(msgspec.Struct, frozen=True):
    """One reason for points that are given, or missing.

    `points` are given out of `of`; negative where they are taken off. `check` is the id of the check
    that it is about. The points of all steps add up to those of the mark.

    `check`: a check that passed or did not. `nothing`: there was nothing to judge. `broken`: the
    project does not start. `ours`: not marked, and not the student's fault. `required`: a cap, since
    a required check fails. `late`: what lateness costs. `note`: changes nothing.
    """

    kind: StepKind
    why: Message
    points: float = 0
    of: float = 0
    check: str = ""


class Mark(msgspec.Struct, frozen=True):
    """The mark of one submission: `points` out of `of`, None where it is our fault that it has none.

    `percent` is rounded down to a tenth, so that it never reads like a boundary that was not
    reached; None where there are no points to be had. `grade` is the name of the policy's grade, None
    where it has none that low; `passed` is None where it has no pass mark. `private` are the ids of
    the checks that are never shown to students.
    """

    points: float | None
    of: float
    percent: float | None = None
    grade: str | None = None
    passed: bool | None = None
    steps: list[Step] = []
    days_late: int = 0
    private: list[str] = []


def mark(
    graded: Graded, policy: Policy, lesson: Lesson | None, private: Collection[str] = ()
) -> Mark:
    """Return the mark of `graded` by `policy`; `lesson` is None where nothing tells which it is.

    `private` are the ids of checks that are not shown to students, beside those of the lesson. A
    check that the lesson does not have is taken for private, too.

    A check that could not be run here counts neither for nor against anybody. One that went wrong by
    itself, or gave no verdict, gives no points: where that is our fault, the status is `error`.
    """
    rules = policy.rules(graded.lesson)
    checks = _checks(graded, lesson)
    own = {check.id for check in lesson.checks if check.id not in lesson.private} if lesson else ()
    hidden = [check.id for check in checks if check.id in private or check.id not in own]
    worths = _worths(checks, rules)
    results = {result.id: result for result in graded.verdict.checks} if graded.verdict else {}
    unrun = [one.id for one in results.values() if one.status == "not_run" and not one.is_left_out]
    total = sum(worth for check, worth in worths.items() if check not in unrun)
    if lesson is None:
        total = graded.max_score * 100

    if graded.status == "error":
        return Mark(None, total / 100, steps=[_ours(graded)], private=hidden)
    if graded.verdict is None:
        steps = [_nothing(graded, total)]
    elif graded.verdict.broken is not None:
        steps = [_broken(graded, total)]
    else:
        steps = [
            _check_step(check, results.get(check.id), worths[check.id])
            for check in checks
            if worths[check.id]
        ]

    counting = {id: results.get(id) for id in rules.required if id in worths and id not in unrun}
    steps += _required_step(steps, total, rules.required, counting, checks)
    days, late_steps = _lateness(graded, policy, rules, _sum(steps), total)
    steps += late_steps
    return _finished(steps, total, rules, days, hidden)


def _finished(
    steps: list[Step], total: int, rules: LessonRules, days: int, private: list[str]
) -> Mark:
    points = _sum(steps)
    reached = Fraction(points * 100, total) if total else None
    return Mark(
        points=points / 100,
        of=total / 100,
        percent=floor(reached * 10) / 10 if reached is not None else None,
        grade=_grade(reached, rules.grades),
        passed=_has_passed(reached, rules.pass_mark),
        steps=steps,
        days_late=days,
        private=private,
    )


def _grade(reached: Fraction | None, grades: Mapping[str, float] | None) -> str | None:
    if reached is None or not grades:
        return None
    got = {_exact(bound): name for name, bound in grades.items() if reached >= _exact(bound)}
    return got[max(got)] if got else None


def _has_passed(reached: Fraction | None, pass_mark: float | None) -> bool | None:
    if reached is None or pass_mark is None:
        return None
    return reached >= _exact(pass_mark)


# ---- What each check is worth.


def _checks(graded: Graded, lesson: Lesson | None) -> list[Check]:
    """Return the lesson's checks, and those of the verdict that it does not have."""
    checks = list(lesson.checks) if lesson else []
    known = {check.id for check in checks}
    for result in graded.verdict.checks if graded.verdict else []:
        if result.id not in known:
            title = Words(result.id, result.id)
            checks.append(Check(result.id, result.task, result.points, title))
    return checks


def _worths(checks: list[Check], rules: LessonRules) -> dict[str, int]:
    """Return the hundredths of a point that each check is worth, by its id."""
    worths = {check.id: check.points * 100 for check in checks}
    for task, points in rules.tasks.items():
        sharing = {check.id: check.points for check in checks if check.task == task}
        worths |= _shares(_hundredths(points), sharing)
    for check, points in rules.checks.items():
        if check in worths:
            worths[check] = _hundredths(points)
    return worths


def _shares(total: int, parts: dict[str, int]) -> dict[str, int]:
    """Return `total` shared in proportion to `parts`, whole and without a rest; evenly if all are 0."""
    parts = parts if any(parts.values()) else dict.fromkeys(parts, 1)
    shares, given, seen = {}, 0, 0
    for name, part in parts.items():
        seen += part
        shares[name] = total * seen // sum(parts.values()) - given
        given += shares[name]
    return shares


def _hundredths(points: float) -> int:
    return round(_exact(points) * 100)


def _exact(number: float) -> Fraction:
    """Return a number of the policy as it is written: 0.1 is a tenth."""
    return Fraction(str(number))


def _sum(steps: list[Step]) -> int:
    return sum(round(step.points * 100) for step in steps)


# ---- One step each.


def _ours(graded: Graded) -> Step:
    reason = graded.reason or message("the grader could not judge it")
    return Step("ours", message("not marked, and that is our fault: {reason}", reason=reason))


def _nothing(graded: Graded, total: int) -> Step:
    reason = graded.reason or message("nothing was handed in")
    return Step("nothing", message("nothing was judged: {reason}", reason=reason), of=total / 100)


def _broken(graded: Graded, total: int) -> Step:
    assert graded.verdict
    assert graded.verdict.broken
    broken = graded.verdict.broken
    why = message("the project does not start: {what}", what=broken.headline)
    if broken.place:
        why = message(
            "the project does not start: {what} ({place})", what=broken.headline, place=broken.place
        )
    return Step("broken", why, of=total / 100)


def _check_step(check: Check, result: Result | None, worth: int) -> Step:
    title = Message(check.title.en, russian=check.title.ru)
    of = worth / 100
    if result is None:
        return Step("check", message("was not judged: “{check}”", check=title), 0, of, check.id)
    if result.status == "pass":
        return Step("check", message("passes: “{check}”", check=title), of, of, check.id)
    if result.is_left_out:
        why = message(
            "was not judged: “{check}”. {reason}", check=title, reason=result.message or ""
        )
        return Step("check", why, 0, of, check.id)
    if result.status == "not_run":
        why = message("could not be run here and does not count: “{check}”", check=title)
        return Step("note", why, check=check.id)
    if result.status == "error":
        why = message("the check itself went wrong: “{check}”", check=title)
        return Step("check", why, 0, of, check.id)
    return Step("check", message("fails: “{check}”", check=title), 0, of, check.id)


def _required_step(
    steps: list[Step],
    total: int,
    required: Mapping[str, float],
    results: Mapping[str, Result | None],
    checks: list[Check],
) -> list[Step]:
    """Return what is taken off since a required check has not passed: the lowest cap counts."""
    failed = [name for name, one in results.items() if one is None or one.status != "pass"]
    if not failed:
        return []
    lowest = min(failed, key=lambda name: required[name])
    most = -floor(-total * _exact(required[lowest]) / 100)
    taken = _sum(steps) - most
    if taken <= 0:
        return []
    title = next(check.title for check in checks if check.id == lowest)
    why = message(
        "at most {percent} %, since this check is required and does not pass: “{check}”",
        percent=_shown(_exact(required[lowest])),
        check=Message(title.en, russian=title.ru),
    )
    return [Step("required", why, -taken / 100, check=lowest)]


def _lateness(
    graded: Graded, policy: Policy, rules: LessonRules, earned: int, total: int
) -> tuple[int, list[Step]]:
    """Return how many days late it is, and what that costs of the hundredths that were `earned`."""
    due = due_at(policy, graded.student, graded.lesson)
    if due is None or graded.verdict is None:
        return 0, []
    if graded.handed_in_at is None:
        return 0, [
            Step("note", message("nothing tells when it was handed in: not counted as late"))
        ]
    times: dict[str, Message | str | int | float | None] = {
        "at": _clock(graded.handed_in_at.astimezone(due.tzinfo)),
        "due": _clock(due),
        "zone": policy.zone or "UTC",
    }
    days = days_late(graded.handed_in_at, due)
    if days == 0:
        if is_extended(policy, graded.student, graded.lesson):
            why = message("in time: handed in {at}, due {due} by extension ({zone})", **times)
            return 0, [Step("note", why)]
        return 0, []
    late = rules.late
    if late is not None and late.days is not None and days > late.days:
        why = counted(
            "late by {count} day, after {most} nothing counts: handed in {at}, due {due} ({zone})",
            "late by {count} days, after {most} nothing counts: handed in {at}, due {due} ({zone})",
            days,
            most=late.days,
            **times,
        )
        return days, [Step("late", why, -earned / 100)]
    percent = min(_exact(late.per_day) * days, _exact(late.at_most)) if late else Fraction(0)
    base = total if late is not None and late.of == "total" else earned
    taken = min(earned, floor(base * percent / 100))
    why = counted(
        "late by {count} day, minus {percent} %: handed in {at}, due {due} ({zone})",
        "late by {count} days, minus {percent} %: handed in {at}, due {due} ({zone})",
        days,
        percent=_shown(percent),
        **times,
    )
    return days, [Step("late", why, -taken / 100)]


def _shown(percent: Fraction) -> str:
    return f"{float(percent):g}"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
