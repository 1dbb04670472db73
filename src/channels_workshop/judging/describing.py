"""Makes a Failure of what a check raised, with what the server's log has to say about it."""

import re
import traceback
from pathlib import Path

from ..course.lesson import Check, Lesson
from ..course.places import task_above
from ..language import verbatim
from .evidence import Evidence
from .failure import DoesNotRun, Failure
from .mismatch import Mismatch
from .own_code import OwnCode
from .server_log import (
    complaint,
    last_traceback,
    never_awaited,
    place_in_project,
    shorten_traceback,
)


def failure_of(lesson: Lesson, check: Check, mismatch: Mismatch, evidence: Evidence) -> Failure:
    """Return what is known about a check that raised `mismatch`."""
    log = evidence.log(mismatch)
    raised, warned = last_traceback(log.text), never_awaited(log.text)
    own = OwnCode(lesson, log.project)
    places = [
        place_in_project(part, log.project, own.has, own.is_shown)
        for part in (raised, warned)
        if part
    ]
    place = next(filter(None, places), None)
    shortened = shorten_traceback(raised, log.project, own.is_shown) if raised else None
    warning = shorten_traceback(warned, log.project, own.is_shown) if warned else None
    if not shortened and not warning:
        warning = complaint(log.text)
    to_write = task_above(lesson, log.project, *place) if place else None
    said = f"{shortened}\n{warning}\n{mismatch.actual}"
    return Failure(
        expected=mismatch.expected,
        actual=mismatch.actual,
        moments=evidence.timeline.moments,
        file=place[0] if place else None,
        line=place[1] if place else None,
        traceback=shortened,
        warning=warning,
        close_code=mismatch.close_code,
        input=mismatch.given,
        known=known_error(lesson, check.task, said),
        task=to_write.id if to_write else None,
        sentences=[mismatch.sentence] if mismatch.sentence else check.sentences,
    )


def unexpected(lesson: Lesson, check: Check, error: BaseException, evidence: Evidence) -> Failure:
    """Return the failure of a check that raised something else: a fault in the check itself."""
    text = "".join(traceback.format_exception_only(error)).strip()
    mismatch = Mismatch(verbatim("—"), verbatim(text))
    return failure_of(lesson, check, mismatch, evidence)


def does_not_run(lesson: Lesson, printed: str, project: Path) -> DoesNotRun:
    """Return why a copy in `project` does not start, from what it raised or printed."""
    raised = last_traceback(printed)
    place = place_in_project(raised, project) if raised else None
    text = shorten_traceback(raised, project) if raised else printed.strip()
    return DoesNotRun(
        text,
        file=place[0] if place else None,
        line=place[1] if place else None,
        known=known_error(lesson, None, text),
    )


def known_error(lesson: Lesson, task: str | None, text: str) -> str | None:
    """Return the id of the well-known error of `lesson` that `text` shows, None where none does."""
    for known in lesson.known_errors:
        if known.task in (None, task) and re.search(known.pattern, text):
            return known.id
    return None
