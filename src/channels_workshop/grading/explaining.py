"""`grade --explain`: each point of a mark, and the reason for each that is missing."""

from ..course.lesson import Lesson
from ..judging.failure import Failure
from ..language import Language, Message, message
from .figures import figure
from .graded import Graded
from .harmless import one_line
from .marks import Mark, Step

#: Characters of what was expected, came or was sent that are shown.
_MOST = 300


def explain(mark: Mark, graded: Graded, lesson: Lesson | None, language: Language) -> str:
    """Return, for an instructor, how a mark came about; private checks are named."""
    results = {result.id: result for result in graded.verdict.checks} if graded.verdict else {}
    amounts = [_amount(step, language) for step in mark.steps]
    width = max(map(len, amounts), default=0)
    lines = [_who(graded, language), headline(mark, language), ""]
    for step, amount in zip(mark.steps, amounts, strict=True):
        why = one_line(step.why.spoken(language))
        if step.check in mark.private:
            why = message("{what} (a private check)", what=why).spoken(language)
        lines.append(f"{amount:>{width}}  {why}")
        result = results.get(step.check) if step.kind == "check" else None
        if result is not None and result.failure is not None:
            lines += [f"{'':{width}}  {line}" for line in _details(result.failure, language)]
    if named := behaves_like(graded, lesson):
        lines += ["", named.spoken(language)]
    lines += ["", *(one_line(note.spoken(language)) for note in graded.notes)]
    return "\n".join(line.rstrip() for line in lines).rstrip()


def headline(mark: Mark, language: Language) -> str:
    """Return points, percentage and grade as one sentence."""
    if mark.points is None:
        text = message("Not marked, and that is our fault. It is no zero: grade it again.")
        return text.spoken(language)
    parts = [
        message(
            "{points} of {of} points",
            points=figure(mark.points, language),
            of=figure(mark.of, language),
        )
    ]
    if mark.percent is not None:
        parts.append(message("{percent} %", percent=figure(mark.percent, language)))
    if mark.grade is not None:
        parts.append(message("grade {grade}", grade=mark.grade))
    if mark.passed is not None:
        parts.append(message("passed") if mark.passed else message("not passed"))
    return ", ".join(part.spoken(language) for part in parts)


def behaves_like(graded: Graded, lesson: Lesson | None) -> Message | None:
    """Return which named mistake the submission behaves like, None where none fits well."""
    mistake = lesson.mistakes.get(graded.behaves_like or "") if lesson else None
    if mistake is None:
        return None
    title = Message(mistake.title.en, russian=mistake.title.ru)
    return message("The answer behaves like “{title}”.", title=title)


def _who(graded: Graded, language: Language) -> str:
    return one_line(
        message(
            "{student}, lesson {lesson}, handed in as {source}",
            student=graded.student,
            lesson=graded.lesson or "—",
            source=graded.source,
        ).spoken(language)
    )


def _amount(step: Step, language: Language) -> str:
    if step.kind in ("check", "nothing", "broken"):
        of = message(
            "{points} of {of}", points=figure(step.points, language), of=figure(step.of, language)
        )
        return of.spoken(language)
    if step.points:
        return "−" + figure(-step.points, language)
    return "·"


def _details(failure: Failure, language: Language) -> list[str]:
    parts = [
        message("expected: {what}", what=one_line(failure.expected.spoken(language), _MOST)),
        message("actual: {what}", what=one_line(failure.actual.spoken(language), _MOST)),
    ]
    if failure.input:
        parts.append(message("input: {what}", what=one_line(failure.input, _MOST)))
    if failure.place:
        parts.append(message("the line: {place}", place=one_line(failure.place)))
    return [part.spoken(language) for part in parts]


def explanation(mark: Mark, graded: Graded, language: Language) -> dict[str, object]:
    """Return the same as `explain`, for a program."""
    return {
        "student": graded.student,
        "lesson": graded.lesson,
        "points": mark.points,
        "of": mark.of,
        "percent": mark.percent,
        "grade": mark.grade,
        "passed": mark.passed,
        "steps": [
            {
                "kind": step.kind,
                "why": step.why.spoken(language),
                "points": step.points,
                "of": step.of,
                "check": step.check or None,
            }
            for step in mark.steps
        ],
    }
