"""When a submission is due and how late it is, in calendar days of a named zone.

A day late ends at the deadline's own clock time on the next date, whether that day has 23, 24 or 25
hours.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .rules import Extension, Policy, plain_name


def due_at(policy: Policy, student: str, lesson: str) -> datetime | None:
    """Return when `student` has to hand in `lesson` at the latest, in the policy's zone.

    None where there is no deadline. Of several extensions the latest counts.
    """
    deadline = policy.rules(lesson).deadline
    if deadline is None:
        return None
    zone = ZoneInfo(policy.zone or "UTC")
    due = in_zone(deadline, zone)
    for extension in policy.extensions:
        if _is_for(extension, student, lesson):
            due = max(due, _extended(deadline, extension, zone), key=datetime.timestamp)
    return due


def is_extended(policy: Policy, student: str, lesson: str) -> bool:
    """Return whether the policy gives `student` an extension for `lesson`."""
    return any(_is_for(extension, student, lesson) for extension in policy.extensions)


def days_late(handed_in: datetime, due: datetime) -> int:
    """Return how many days late that is, each begun day counted: 0 for what is in time.

    Both have a time zone; the days are those of the zone of `due`.
    """
    # Two times of one zone are compared by the clock on the wall, which an hour has twice.
    if handed_in.astimezone(UTC) <= due.astimezone(UTC):
        return 0
    here = handed_in.astimezone(due.tzinfo)
    begun = here.time() > due.time()
    return max(1, (here.date() - due.date()).days + begun)


def in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment of the policy in `zone`; one without a zone is a clock time there.

    A clock time that comes twice means the later one, one that is skipped the hour after it: a doubt
    is no student's loss.
    """
    if moment.tzinfo is not None:
        return moment.astimezone(zone)
    meant = [moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    return max(one.astimezone(UTC) for one in meant).astimezone(zone)


def _extended(deadline: datetime, extension: Extension, zone: ZoneInfo) -> datetime:
    if extension.until is not None:
        return in_zone(extension.until, zone)
    # Days are added to the clock time: a deadline at 23:59 stays one at 23:59.
    clock = in_zone(deadline, zone).replace(tzinfo=None)
    return in_zone(clock + timedelta(days=extension.days or 0), zone)


def _is_for(extension: Extension, student: str, lesson: str) -> bool:
    is_theirs = plain_name(extension.student) == plain_name(student)
    return is_theirs and extension.lesson in ("", lesson)
