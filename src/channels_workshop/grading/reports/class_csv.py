"""The class as a table for spreadsheets: a row for each student and lesson, a column for each check.

UTF-8 with a byte order mark, which a spreadsheet program needs to read Cyrillic; commas between cells.
"""

import csv
import io
from collections.abc import Mapping, Sequence

from ...course.lesson import Lesson
from ...language import Language
from ..figures import whole
from ..graded import Graded
from ..harmless import one_line
from ..marks import Mark

#: The first columns. Those of checks follow, as `check:` and the id.
COLUMNS = [
    "student",
    "lesson",
    "source",
    "status",
    "points",
    "of",
    "percent",
    "grade",
    "passed",
    "days_late",
    "handed_in_at",
    "behaves_like",
    "seconds",
    "sandbox",
    "seed",
    "reason",
]
BEGINS = "\ufeff" + ",".join(COLUMNS)

#: A cell that begins so is a formula to a spreadsheet program, in either width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def class_csv(
    results: Sequence[tuple[Graded, Mark]], lessons: Mapping[str, Lesson], language: Language
) -> bytes:
    """Return the table. It is for instructors: private checks have their columns.

    Names of columns and states are the same in every language; `reason` is in `language`.
    """
    checks = _check_ids(results, lessons)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow([*COLUMNS, *(f"check:{check}" for check in checks)])
    for graded, mark in results:
        states = states_of(graded)
        row = [*_cells(graded, mark, language), *(states.get(check, "") for check in checks)]
        table.writerow([_harmless(cell) for cell in row])
    return ("\ufeff" + text.getvalue()).encode("utf-8", "backslashreplace")


def states_of(graded: Graded) -> dict[str, str]:
    """Return how each check of a submission went: `left_out` is told from `not_run`."""
    results = graded.verdict.checks if graded.verdict else []
    return {one.id: "left_out" if one.is_left_out else one.status for one in results}


def _check_ids(results: Sequence[tuple[Graded, Mark]], lessons: Mapping[str, Lesson]) -> list[str]:
    """Return the ids of all checks, in the order of the lessons; those that no lesson has come last."""
    names = dict.fromkeys(graded.lesson for graded, _mark in results)
    known = [check.id for name in names if name in lessons for check in lessons[name].checks]
    verdicts = [graded.verdict for graded, _mark in results if graded.verdict]
    judged = [one.id for verdict in verdicts for one in verdict.checks]
    return list(dict.fromkeys([*known, *judged]))


def _cells(graded: Graded, mark: Mark, language: Language) -> list[object]:
    return [
        one_line(graded.student),
        graded.lesson,
        one_line(graded.source),
        graded.status,
        None if mark.points is None else whole(mark.points),
        whole(mark.of),
        mark.percent,
        mark.grade,
        None if mark.passed is None else str(mark.passed).lower(),
        mark.days_late,
        graded.handed_in_at.isoformat(timespec="seconds") if graded.handed_in_at else None,
        graded.behaves_like,
        round(graded.duration, 2),
        graded.sandbox,
        graded.seed,
        one_line(graded.reason.spoken(language)) if graded.reason else None,
    ]


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet program runs: a text that looks like a formula is quoted."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA):
        return f"'{cell}"
    return cell
