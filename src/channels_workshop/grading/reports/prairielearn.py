"""PrairieLearn's `results.json` of one submission, as an external grader writes it."""

from ...course.lesson import Lesson
from ...judging.timeline import shortened
from ...language import Language
from ..figures import whole
from ..graded import Graded
from ..marks import Mark
from .cases import Case, cases_of, summary
from .json_file import json_file

#: Bytes that PrairieLearn takes: one more, and the whole result is lost.
LIMIT = 1_000_000
#: Characters of each text, the first that fits. The scores are never left out.
_LENGTHS = (8_000, 2_000, 500, 100, 0)


def prairielearn(graded: Graded, mark: Mark, lesson: Lesson | None, language: Language) -> bytes:
    """Return the document of one submission, within the limit.

    What was not judged is not gradable: then no points are given or lost, and no attempt.
    """
    said = summary(graded, mark, lesson, language)
    cases = cases_of(graded, mark, lesson, language)
    for most in _LENGTHS:
        document = _document(graded, mark, said, cases, most)
        text = json_file(document)
        if len(text) <= LIMIT:
            break
    return text


def _document(
    graded: Graded, mark: Mark, said: list[str], cases: list[Case], most: int
) -> dict[str, object]:
    if mark.points is None or graded.verdict is None:
        return {
            "gradable": False,
            "format_errors": [_cut(line, most) for line in said[1:]] or said,
            "message": _cut(said[0], most),
        }
    return {
        "gradable": True,
        "score": round(mark.points / mark.of, 6) if mark.of else 0.0,
        "message": said[0],
        "output": _cut("\n".join(said[1:]), most),
        "tests": [_test(case, most) for case in cases],
    }


def _test(case: Case, most: int) -> dict[str, object]:
    return {
        "name": case.title,
        "description": _cut(case.promise, most),
        "points": whole(case.points),
        "max_points": whole(case.of),
        "message": "",
        "output": _cut(case.text, most),
    }


def _cut(text: str, most: int) -> str:
    if most == 0:
        return "…" if text else ""
    return shortened(text, most)
