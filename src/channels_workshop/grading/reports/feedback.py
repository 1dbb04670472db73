"""What a student is told, in words: the one shape that both the page and the Markdown are made from.

Every text is harmless to print and still to be escaped for HTML or Markdown. Texts of the lesson
(titles, sentences, hints) are an author's; everything else may be a submission's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...course.lesson import Lesson
from ...course.pages import explanation
from ...judging.reports import hint_command, moment_lines, sentences_of
from ...judging.verdict import Result
from ...language import Language, counted, message
from ..explaining import behaves_like, headline
from ..figures import figure
from ..graded import Graded
from ..harmless import lines_of, one_line
from ..marks import Mark, Step
from .cases import private_case, unique_titles, why
from .headings import SANDBOXES

#: So many of the last moments, and of the last lines of a log, are shown.
_MOMENTS, _LOG_LINES = 14, 16
#: So many files of a list are named.
_FILES = 40


@dataclass(frozen=True)
class Failed:
    """A check that did not pass. `expected` and `actual` are empty where it was not judged.

    `earlier` says how many moments are not shown. `hint` is there for the first failure of a task.
    """

    title: str
    amount: str
    sentences: list[str] = field(default_factory=list)
    expected: str = ""
    actual: str = ""
    given: str = ""
    moments: list[str] = field(default_factory=list)
    earlier: str = ""
    log: list[str] = field(default_factory=list)
    place: str = ""
    known: str = ""
    reason: str = ""
    hint: str = ""
    next_hint: str = ""


@dataclass(frozen=True)
class Feedback:
    """All that one report says; empty texts and lists are left out of it.

    `status` is the state for a glance: pass, fail, error (ours) or not_graded.
    """

    language: Language
    student: str
    lesson: str
    source: str
    status: str
    headline: str
    notes: list[str]
    like: str
    broken: list[str]
    broken_known: str
    failed: list[Failed]
    passed: list[str]
    private: str
    taken: list[str]
    ignored: list[tuple[str, str]]
    more_ignored: str
    sandbox: str
    seed: int


def feedback_of(graded: Graded, mark: Mark, lesson: Lesson | None, language: Language) -> Feedback:
    """Return what the student is told of one submission, in `language`."""
    named = behaves_like(graded, lesson)
    hidden = private_case(graded, mark, language)
    ignored = [
        (one_line(one.path, 200), one_line(one.why.spoken(language))) for one in graded.ignored
    ]
    rest = len(ignored) - _FILES
    more = counted("… and {count} more file", "… and {count} more files", rest)
    results = graded.verdict.checks if graded.verdict else []
    broken = graded.verdict.broken if graded.verdict else None
    judged = [] if broken or lesson is None else [one for one in results if _is_shown(one, mark)]
    return Feedback(
        language=language,
        student=one_line(graded.student, 200),
        lesson=lesson.about.title.spoken(language)
        if lesson
        else message("no lesson").spoken(language),
        source=one_line(graded.source, 200),
        status=graded.status,
        headline=headline(mark, language),
        notes=[
            *(why(step, mark, language) for step in mark.steps if step.kind != "check"),
            *(one_line(note.spoken(language)) for note in graded.notes),
        ],
        like=one_line(named.spoken(language)) if named else "",
        broken=lines_of(broken.traceback)[-_LOG_LINES:] if broken else [],
        broken_known=_known(lesson, broken.known, language) if lesson and broken else "",
        failed=_failures(lesson, judged, mark, language) if lesson else [],
        passed=_passed(lesson, judged, language) if lesson else [],
        private=_private_sentence(hidden.text, hidden.points, hidden.of, language)
        if hidden
        else "",
        taken=[one_line(path, 200) for path in graded.taken],
        ignored=ignored[:_FILES],
        more_ignored=more.spoken(language) if rest > 0 else "",
        sandbox=SANDBOXES[graded.sandbox].spoken(language),
        seed=graded.seed,
    )


def _is_shown(result: Result, mark: Mark) -> bool:
    return result.id not in mark.private and (result.status != "not_run" or result.is_left_out)


def _private_sentence(text: str, points: float, of: float, language: Language) -> str:
    amount = message(
        "{points} of {of} points", points=figure(points, language), of=figure(of, language)
    )
    return f"{text} {amount.spoken(language)}."


def _passed(lesson: Lesson, results: Sequence[Result], language: Language) -> list[str]:
    checks = [lesson.check(result.id) for result in results if result.status == "pass"]
    return list(unique_titles(checks, language).values())


def _failures(
    lesson: Lesson, results: Sequence[Result], mark: Mark, language: Language
) -> list[Failed]:
    failed = [result for result in results if result.status != "pass"]
    titles = unique_titles([lesson.check(result.id) for result in failed], language)
    steps = {step.check: step for step in mark.steps if step.kind == "check"}
    found: list[Failed] = []
    hinted: set[str] = set()
    for result in failed:
        task = (result.failure and result.failure.task) or result.task
        hint, command = "", ""
        if result.failure is not None and task not in hinted:
            hint = _first_hint(lesson, task, language)
            command = hint_command(lesson, lesson.check(result.id), result.failure, language)
            hinted.add(task)
        found.append(
            _failed(
                lesson, result, titles[result.id], steps.get(result.id), hint, command, language
            )
        )
    return found


def _first_hint(lesson: Lesson, task_id: str, language: Language) -> str:
    hints = [task.hints for task in lesson.tasks if task.id == task_id and task.hints]
    return hints[0][0].spoken(language) if hints else ""


def _failed(
    lesson: Lesson,
    result: Result,
    title: str,
    step: Step | None,
    hint: str,
    command: str,
    language: Language,
) -> Failed:
    points, of = (step.points, step.of) if step else (0, 0)
    amount = message(
        "{points} of {of}", points=figure(points, language), of=figure(of, language)
    ).spoken(language)
    failure = result.failure
    if failure is None:
        return Failed(title, amount, reason=_reason(result, language))
    moments = [one_line(line) for line in moment_lines(failure.moments, language)]
    rest = len(moments) - _MOMENTS
    earlier = counted("… {count} line before", "… {count} lines before", rest)
    log = lines_of("\n".join(filter(None, (failure.traceback, failure.warning))))
    return Failed(
        title,
        amount,
        sentences=sentences_of(lesson, failure, language),
        expected=one_line(failure.expected.spoken(language)),
        actual=one_line(failure.actual.spoken(language)),
        given=one_line(failure.input) if failure.input else "",
        moments=moments[-_MOMENTS:],
        earlier=earlier.spoken(language) if rest > 0 else "",
        log=log[-_LOG_LINES:] if log != [""] else [],
        place=one_line(failure.place),
        known=_known(lesson, failure.known, language),
        hint=hint,
        next_hint=command,
    )


def _reason(result: Result, language: Language) -> str:
    if result.status == "error":
        text = message("The check itself went wrong: tell your instructor.")
        return text.spoken(language)
    if result.message is None:
        return ""
    # The last line of a check's own traceback is what it says.
    return one_line(result.message.spoken(language).strip().split("\n")[-1])


def _known(lesson: Lesson, known_id: str | None, language: Language) -> str:
    if known_id is None:
        return ""
    known = lesson.known_error(known_id)
    page = f"docs/{language}/{explanation(lesson, known, '.md')}"
    text = message(
        "A common mistake: “{title}”. The page explains it: {page}",
        title=known.title.spoken(language),
        page=page,
    )
    return text.spoken(language)
