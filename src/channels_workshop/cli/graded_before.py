"""`grade --explain` and `grade --replay`: what an earlier grading has left."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..course.lesson import Lesson
from ..errors import WorkshopError
from ..invocation import command
from ..language import current, message
from .grading_class import refuse_missing_walls

if TYPE_CHECKING:
    from ..grading.rules import Policy


def judge_again(file: Path, lessons: Mapping[str, Lesson], *, as_json: bool) -> int:
    """Judge the submission in `file` again; return 0 where the verdict is the same, else 1."""
    from ..grading.grading import differences
    from ..grading.marking import mark_order
    from ..grading.records import order_of, read_record
    from ..judging.judge import Judge
    from .terminal.grading import show_replay

    record = read_record(file)
    order, changed = order_of(record, lessons)
    refuse_missing_walls(order.sandbox)
    with Judge(order.sandbox) as judge:
        graded = mark_order(order, judge)
    found = differences(record.graded.verdict, graded.verdict)
    if as_json:
        differing = [{"id": check, "then": then, "now": now} for check, then, now in found]
        _print_json({"version": 1, "alike": not found, "changed": changed, "checks": differing})
    else:
        show_replay(graded, found, changed)
    return 1 if found else 0


def explain_student(
    student: str,
    out: Path,
    lesson: Lesson | None,
    lessons: Mapping[str, Lesson],
    policy: "Policy",
    *,
    as_json: bool,
) -> int:
    """Print where each point of a student comes from; return the exit code. Raises WorkshopError."""
    from ..grading.explaining import explain, explanation
    from ..grading.grading import marked
    from ..grading.records import Records
    from .terminal.console import say

    records = Records(out)
    wanted = [
        one for one in records.of_student(student) if lesson is None or one.lesson == lesson.name
    ]
    if not wanted:
        names = {one.student: None for one in records.all()}
        raise WorkshopError(
            message("{folder} has no grades of “{student}”.", folder=str(out), student=student),
            message("It has those of: {names}.", names=", ".join(names))
            if names
            else message("Grade first: {command}", command=command("grade PATH…")),
        )
    results = marked(wanted, policy, lessons)
    if as_json:
        _print_json([explanation(mark, one, current()) for one, mark in results])
    else:
        for one, mark in results:
            say(explain(mark, one, lessons.get(one.lesson), current()))
    return 0


def _print_json(document: object) -> None:
    from ..grading.reports import json_file

    print(json_file(document).decode(), end="")
