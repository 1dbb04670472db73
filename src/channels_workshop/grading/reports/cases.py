"""What every format that lists tests is made from: one shape for how each check went, in words.

Formats such as these reach students, so private checks stand in them as one case, without their names.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

from ...course.lesson import Check, Lesson
from ...judging.reports import as_text
from ...judging.verdict import Result
from ...language import Language, Message, counted, message
from ..explaining import behaves_like, headline
from ..graded import Graded
from ..harmless import block, one_line
from ..marks import Mark, Step
from .headings import SANDBOXES

CaseStatus = Literal["pass", "fail", "error", "left_out", "not_run"]

#: Ids of the cases that are no check of a lesson.
HANDED_IN, STARTS, PRIVATE = "handed_in", "starts", "private"


@dataclass(frozen=True)
class Case:
    """One line of a result: a check, or why there is none.

    `title` is no other case's. `task` is the place of its task in the lesson, from 1, and 0 where it
    belongs to none. `text` says why it did not pass, `printed` is the server's log, `promise` is what
    the agreement says; all three may have several lines and are harmless to print. `seconds` is how
    long it took.
    """

    id: str
    title: str
    status: CaseStatus
    points: float
    of: float
    task: int = 0
    text: str = ""
    printed: str = ""
    promise: str = ""
    seconds: float = 0.0
    tags: list[str] = field(default_factory=list)


def cases_of(graded: Graded, mark: Mark, lesson: Lesson | None, language: Language) -> list[Case]:
    """Return the cases of one submission in the lesson's order; none where the fault is ours."""
    if graded.status == "error" or mark.points is None:
        return []
    if graded.verdict is None or lesson is None:
        return [_alone(HANDED_IN, message("There is something to judge"), mark, language)]
    if graded.verdict.broken is not None:
        traceback = block(graded.verdict.broken.traceback)
        case = _alone(STARTS, message("The project starts"), mark, language)
        return [replace(case, text=f"{case.text}\n\n{traceback}", printed=traceback)]
    shown = [result for result in graded.verdict.checks if result.id not in mark.private]
    steps = {step.check: step for step in mark.steps if step.kind in ("check", "note")}
    titles = unique_titles([lesson.check(result.id) for result in shown], language)
    cases = [
        _case(lesson, result, titles[result.id], steps.get(result.id), language) for result in shown
    ]
    hidden = private_case(graded, mark, language)
    return [*cases, hidden] if hidden else cases


def private_case(graded: Graded, mark: Mark, language: Language) -> Case | None:
    """Return all private checks as one case, None where there are none that count."""
    steps = [step for step in mark.steps if step.kind == "check" and step.check in mark.private]
    if not steps:
        return None
    passed = sum(step.points == step.of for step in steps)
    text = counted(
        "{passed} of {count} private check passes. What it checks is not shown.",
        "{passed} of {count} private checks pass. What they check is not shown.",
        len(steps),
        passed=passed,
    )
    results = graded.verdict.checks if graded.verdict else []
    return Case(
        PRIVATE,
        message("Private checks").spoken(language),
        "pass" if passed == len(steps) else "fail",
        points=round(sum(step.points for step in steps), 2),
        of=round(sum(step.of for step in steps), 2),
        text=text.spoken(language),
        seconds=sum(result.duration for result in results if result.id in mark.private),
    )


def summary(graded: Graded, mark: Mark, lesson: Lesson | None, language: Language) -> list[str]:
    """Return what there is to say about the whole: the points, what was taken off and why, the level."""
    lines = [headline(mark, language)]
    lines += [why(step, mark, language) for step in mark.steps if step.kind != "check"]
    if named := behaves_like(graded, lesson):
        lines.append(one_line(named.spoken(language)))
    lines += [one_line(note.spoken(language)) for note in graded.notes]
    level = SANDBOXES[graded.sandbox]
    return [*lines, message("Sandbox: {level}", level=level).spoken(language)]


def why(step: Step, mark: Mark, language: Language) -> str:
    """Return a step's reason for a student, who is told no private check's name."""
    if step.check in mark.private:
        return message("a private check decides this").spoken(language)
    return one_line(step.why.spoken(language))


def unique_titles(checks: list[Check], language: Language) -> dict[str, str]:
    """Return a title for each check, by its id; where two have the same, the id stands behind it."""
    titles = {check.id: one_line(check.title.spoken(language)) for check in checks}
    often = Counter(titles.values())
    return {id: f"{title} ({id})" if often[title] > 1 else title for id, title in titles.items()}


def _alone(id: str, title: Message, mark: Mark, language: Language) -> Case:
    text = "\n".join(why(step, mark, language) for step in mark.steps)
    return Case(id, title.spoken(language), "fail", 0, mark.of, text=text)


def _case(
    lesson: Lesson, result: Result, title: str, step: Step | None, language: Language
) -> Case:
    check = lesson.check(result.id)
    tasks = [task.id for task in lesson.tasks]
    status: CaseStatus = "left_out" if result.is_left_out else result.status
    failure, text, printed = result.failure, "", ""
    if failure is not None:
        text = block(as_text(lesson, check, failure, language))
        printed = block("\n".join(filter(None, (failure.traceback, failure.warning))))
    elif result.message is not None and status != "pass":
        text = block(result.message.spoken(language))
    promises = [
        f"{name}. {lesson.agreement[name].spoken(language)}"
        for name in check.sentences
        if name in lesson.agreement
    ]
    return Case(
        result.id,
        title,
        status,
        step.points if step else 0,
        step.of if step else 0,
        task=tasks.index(check.task) + 1 if check.task in tasks else 0,
        text=text,
        printed=printed,
        promise="\n".join(promises),
        seconds=result.duration,
        tags=[check.task],
    )
