"""Gradescope's `results.json` of one submission."""

from ...course.lesson import Lesson
from ...judging.timeline import shortened
from ...language import Language
from ..figures import whole
from ..graded import Graded
from ..marks import Mark
from .cases import Case, cases_of, summary
from .json_file import json_file

#: Characters of a text.
_MOST = 8_000


def gradescope(
    graded: Graded, mark: Mark, lesson: Lesson | None, language: Language
) -> bytes | None:
    """Return the document of one submission.

    None where the fault is ours: without a file, Gradescope says that the autograder has failed, and
    gives no zero. The score at the top counts, also where lateness makes it less than the sum.
    """
    if mark.points is None:
        return None
    document = {
        "extra_data": {
            "made_by": "channels-workshop",
            "lesson": graded.lesson,
            "sandbox": graded.sandbox,
            "seed": graded.seed,
            "percent": mark.percent,
            "grade": mark.grade,
            "days_late": mark.days_late,
        },
        "score": whole(mark.points),
        "execution_time": round(graded.duration, 3),
        "output": shortened("\n".join(summary(graded, mark, lesson, language)), _MOST),
        "output_format": "text",
        "visibility": "visible",
        # What a submission prints is no business of the form that shows the report.
        "stdout_visibility": "hidden",
        "tests": [
            _test(number, case)
            for number, case in enumerate(cases_of(graded, mark, lesson, language), 1)
            # Of a check that cannot be run there, nothing can be said: the service knows no such state.
            if case.status != "not_run"
        ],
    }
    return json_file(document)


def _test(number: int, case: Case) -> dict[str, object]:
    return {
        "score": whole(case.points),
        "max_score": whole(case.of),
        "status": "passed" if case.status == "pass" else "failed",
        "name": case.title,
        "name_format": "text",
        "number": str(number),
        "output": shortened(case.text, _MOST),
        "output_format": "text",
        "tags": case.tags,
        "visibility": "visible",
        "extra_data": {"id": case.id},
    }
