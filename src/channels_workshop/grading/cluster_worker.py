"""What a worker of a cluster does for a grading: it says what it judges by, and judges.

A worker finds these functions by name and is spoken to in JSON, never in objects of ours: one that
has another version of the workshop can still say so. Keep the names.
"""

import atexit
import contextlib
import os
import platform
import sys
import threading
from collections.abc import Iterable, Iterator
from importlib import metadata

import msgspec

from ..course.lesson import Lesson
from ..course.lessons import find_lesson
from ..errors import WorkshopError
from ..judging.judge import Judge
from ..language import Message
from ..processes.sandbox import Level, mend_for_strong, why_not_strong
from .graded import Graded
from .marking import mark_order
from .order import Order, order_for, stamp_of, versions

#: What carries orders and results; its parts have to be of one release.
_CARRIERS = ["dask", "distributed"]


class Wanted(msgspec.Struct, frozen=True):
    """What a grading needs: to judge these `lessons`, by name, in a `sandbox`."""

    lessons: list[str]
    sandbox: Level


class Means(msgspec.Struct, frozen=True):
    """What a machine judges by: `versions` by package, `stamps` by lesson (none: no such lesson).

    `missing` says why it cannot make the sandbox that is wanted, `mend` what to do about it.
    """

    host: str
    versions: dict[str, str]
    stamps: dict[str, str]
    missing: Message | None = None
    mend: Message | None = None


class Answer(msgspec.Struct, frozen=True):
    """What came of an order: `graded`, or `failed`, what the worker itself has failed at.

    With neither, the worker would judge it by something else.
    """

    graded: Graded | None = None
    failed: str | None = None


def means_for(lessons: Iterable[Lesson]) -> Means:
    """Return what this machine judges these lessons by."""
    python = ".".join(map(str, sys.version_info[:2]))
    carriers = {name: metadata.version(name) for name in _CARRIERS}
    stamps = {lesson.name: stamp_of(lesson) for lesson in lessons}
    return Means(platform.node(), {"python": python, **versions(), **carriers}, stamps)


def introduce(wanted: bytes) -> bytes:
    """Return, on a worker, what it judges by."""
    order = msgspec.json.decode(wanted, type=Wanted)
    lessons = []
    for name in order.lessons:
        with contextlib.suppress(WorkshopError):
            lessons.append(find_lesson(name))
    means = means_for(lessons)
    if order.sandbox == "strong" and (missing := why_not_strong()):
        means = msgspec.structs.replace(means, missing=missing, mend=mend_for_strong())
    return msgspec.json.encode(means)


def judge(order: bytes) -> bytes:
    """Judge a submission, on a worker, and return an Answer. It raises nothing."""
    try:
        answer = _answer(msgspec.json.decode(order, type=Order))
    except Exception as error:  # an error would travel as an object, and some never arrive
        answer = Answer(failed=f"{type(error).__name__}: {error}")
    return msgspec.json.encode(answer)


def _answer(sent: Order) -> Answer:
    try:
        lesson = find_lesson(sent.submission.lesson)
    except WorkshopError:
        return Answer()
    # The lesson's folder is elsewhere here; all else has to be the same, or it would be another mark.
    here = order_for(sent.submission, lesson, sent.seed, sent.sandbox, sent.longest)
    if here.fingerprint != sent.fingerprint:
        return Answer()
    with _judges.one(sent.sandbox) as judge:
        return Answer(mark_order(here, judge))


def rest() -> None:
    """End, on a worker, the judging processes that wait for more."""
    _judges.end_waiting()


class _Judges:
    """Judging processes that are kept warm: as many as there are threads that judge."""

    def __init__(self) -> None:
        self._waiting: dict[Level, list[Judge]] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def one(self, sandbox: Level) -> Iterator[Judge]:
        """Lend a judging process to this thread."""
        with self._lock:
            waiting = self._waiting.setdefault(sandbox, [])
            # Dask has fixed how texts are hashed here; a judging process does without, as elsewhere.
            os.environ.pop("PYTHONHASHSEED", None)
            judge = waiting.pop() if waiting else Judge(sandbox)
        try:
            yield judge
        finally:
            with self._lock:
                waiting.append(judge)

    def end_waiting(self) -> None:
        """End those that nobody uses now; another grading may use the same workers."""
        with self._lock:
            judges = [judge for waiting in self._waiting.values() for judge in waiting]
            for waiting in self._waiting.values():
                waiting.clear()
        for judge in judges:
            judge.close()


_judges = _Judges()
# One that is at work, or whose worker is killed, ends by itself: its standard input does.
atexit.register(_judges.end_waiting)
