"""The document of `grade --json`: all submissions, with their verdicts as `check --json` prints them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...course.lesson import Check, Lesson
from ...course.words import Words
from ...judging.reports import verdict_json
from ...judging.verdict import Verdict
from ...language import Language
from ..figures import whole
from ..graded import Graded, Level
from ..marks import Mark

#: Version of the document. Fields are only ever added.
VERSION = 1


def document(
    results: Sequence[tuple[Graded, Mark]],
    lessons: Mapping[str, Lesson],
    seed: int,
    sandbox: Level,
    language: Language,
) -> dict[str, Any]:
    """Return the document, its texts in `language`. It is for instructors: private checks are in it.

    `score` and `max_score` are those of the mark; `score` is None where the fault is ours.
    """
    return {
        "version": VERSION,
        "seed": seed,
        "sandbox": sandbox,
        "submissions": [
            _submission(graded, mark, lessons.get(graded.lesson), language)
            for graded, mark in results
        ],
    }


def _submission(
    graded: Graded, mark: Mark, lesson: Lesson | None, language: Language
) -> dict[str, Any]:
    return {
        "student": graded.student,
        "lesson": graded.lesson,
        "source": graded.source,
        "status": graded.status,
        "score": None if mark.points is None else whole(mark.points),
        "max_score": whole(mark.of),
        "reason": graded.reason.spoken(language) if graded.reason else None,
        "taken": graded.taken,
        "ignored": [{"path": one.path, "why": one.why.spoken(language)} for one in graded.ignored],
        "behaves_like": graded.behaves_like,
        "verdict": _verdict(lesson, graded.verdict, language),
    }


def _verdict(
    lesson: Lesson | None, verdict: Verdict | None, language: Language
) -> dict[str, object] | None:
    if lesson is None or verdict is None:
        return None
    return verdict_json(_with_strangers(lesson, verdict), verdict, language)


def _with_strangers(lesson: Lesson, verdict: Verdict) -> Lesson:
    """Return the lesson with the checks of the verdict that it does not have: private ones."""
    known = {check.id for check in lesson.checks}
    strangers = [
        Check(result.id, result.task, result.points, Words(result.id, result.id))
        for result in verdict.checks
        if result.id not in known
    ]
    return replace(lesson, checks=[*lesson.checks, *strangers]) if strangers else lesson
