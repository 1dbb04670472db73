"""What a page of the board is sent: how things stand, as JSON, in the language of the page."""

from dataclasses import dataclass
from typing import Any

from ...language import Language, Message, counted, message
from .alike import Alike, alike
from .attention import Attention, attention
from .course import Course
from .seats import Seat, Seats


@dataclass(frozen=True)
class Shown:
    """For whom, and when: `now` is a moment of the board's clock, `present` are numbers of learners."""

    course: Course
    language: Language
    now: float
    present: frozenset[int]

    def attention_to(self, seat: Seat) -> Attention:
        """Return how the learner in `seat` does."""
        return attention(seat, self.course, self.now, seat.learner.id in self.present)

    def said(self, words: Message) -> str:
        """Return `words` in the language of the page."""
        return words.spoken(self.language)

    def minutes(self, seconds: float) -> str:
        """Return a time in whole minutes."""
        return self.said(message("{count} min", count=int(seconds / 60)))


def class_document(seats: Seats, shown: Shown) -> dict[str, Any]:
    """Return what is said of the class as a whole."""
    everybody = list(seats.by_learner.values())
    kinds = [shown.attention_to(seat).kind for seat in everybody]
    here = len(kinds) - kinds.count("away")
    return {
        "joined": len(everybody),
        "present": shown.said(
            counted("{count} here, of {all}", "{count} here, of {all}", here, all=len(everybody))
        ),
        "alike": [_alike(group, shown) for group in alike(everybody, shown.course)],
    }


def learner_row(seat: Seat, shown: Shown) -> dict[str, Any]:
    """Return what is said of a learner at a glance."""
    found = shown.attention_to(seat)
    return {
        "id": seat.learner.id,
        "name": seat.learner.name,
        "where": _where(seat, shown),
        "order": _order(seat, shown),
        "minutes": shown.minutes(seat.seconds_at_task(shown.now)) if seat.task else "",
        "at": int(seat.seconds_at_task(shown.now) / 60) if seat.task else None,
        "kind": found.kind,
        "why": shown.said(found.why),
        "since": found.since,
        "for": shown.minutes(shown.now - found.since) if found.is_alarm else "",
        "wrong": _wrong(seat, shown),
        "hand": seat.hand_at,
        "waits": shown.minutes(shown.now - seat.hand_at) if seat.hand_at else "",
        "asked": seat.asked_at is not None,
        "answer": seat.answer,
        "shows": seat.shows_code,
    }


def learner_document(seat: Seat, shown: Shown) -> dict[str, Any]:
    """Return what is said of a learner who is looked at: their tasks, check by check."""
    lesson = shown.course.lesson(seat.lesson)
    tasks = []
    for task in lesson.tasks if lesson else []:
        key = (lesson.name, task.id) if lesson else ("", "")
        is_here = task.id == seat.task
        spent = seat.seconds_at_task(shown.now) if is_here else seat.spent.get(key, 0.0)
        checks = [
            {
                "title": shown.said(shown.course.check_title(key[0], check.id)),
                "status": _status(seat, key[0], check.id),
                "like": _like(seat, shown, check.id),
            }
            for check in (lesson.checks_of(task) if lesson else [])
        ]
        tasks.append(
            {
                "title": shown.said(shown.course.task_title(*key)),
                "here": is_here,
                "minutes": shown.minutes(spent) if spent else "",
                "planned": shown.minutes(60 * task.minutes),
                "checks": checks,
            }
        )
    return {"id": seat.learner.id, "tasks": tasks}


def _where(seat: Seat, shown: Shown) -> str:
    """Return the lesson's number and the task's title."""
    lesson = shown.course.lesson(seat.lesson)
    number = f"{lesson.number:02}" if lesson else (seat.lesson or "")
    if seat.lesson is None:
        return ""
    if seat.stage == "passed":
        where = message("done")
    elif seat.stage == "not_started" or seat.task is None:
        where = message("not started")
    else:
        where = shown.course.task_title(seat.lesson, seat.task)
    return f"{number} · {shown.said(where)}"


def _order(seat: Seat, shown: Shown) -> int:
    """Return how far that is in the course: what is at one place has one number."""
    lesson = shown.course.lesson(seat.lesson)
    if lesson is None:
        return 0
    tasks = [task.id for task in lesson.tasks]
    at = tasks.index(seat.task) + 1 if seat.task in tasks else 0
    return 100 * lesson.number + (99 if seat.stage == "passed" else at)


def _wrong(seat: Seat, shown: Shown) -> str:
    """Return the title of the first check that fails, in the lesson's order; empty where none does."""
    if seat.lesson is None:
        return ""
    if seat.broken is not None:
        known = shown.course.error_title(seat.lesson, seat.broken_known)
        return shown.said(known) if known else ""
    lesson = seat.lesson
    failing = sorted(
        (check for check, _seen in seat.failing()), key=lambda c: shown.course.order_of(lesson, c)
    )
    return shown.said(shown.course.check_title(lesson, failing[0])) if failing else ""


def _status(seat: Seat, lesson: str, check: str) -> str:
    seen = seat.checks.get((lesson, check))
    return seen.status if seen else "ahead"


def _like(seat: Seat, shown: Shown, check: str) -> str:
    seen = seat.checks.get((seat.lesson or "", check))
    if seen is None or seen.status not in ("fail", "error"):
        return ""
    title = shown.course.error_title(seat.lesson or "", seen.known) or shown.course.mistake_title(
        seat.lesson or "", check, seen.way
    )
    return shown.said(title) if title else ""


def _alike(group: Alike, shown: Shown) -> dict[str, Any]:
    count = len(group.learners)
    if group.check is None:
        text = counted(
            "{count} project does not start, for the same reason",
            "{count} projects do not start, for the same reason",
            count,
        )
    else:
        text = counted(
            "{count} fails “{check}” in this way",
            "{count} fail “{check}” in the same way",
            count,
            check=shown.course.check_title(group.lesson, group.check),
        )
    beside = counted("and {count} more check", "and {count} more checks", group.beside)
    lesson = shown.course.lesson(group.lesson)
    return {
        "lesson": f"{lesson.number:02}" if lesson else group.lesson,
        "text": shown.said(text),
        "check": group.check or "",
        "beside": shown.said(beside) if group.beside else "",
        "like": shown.said(group.like) if group.like else "",
        "learners": group.learners,
    }
