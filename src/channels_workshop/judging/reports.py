"""Plain text of a failure: pytest's own report, `message` in JSON, anywhere without a terminal."""

from ..course.lesson import Check, Lesson
from ..invocation import command
from ..language import Language, Message, current, message
from .failure import Failure
from .timeline import ARROWS, Moment, readable, shown, visible
from .verdict import Result, Verdict

#: Version of the JSON that `check --json` prints.
VERSION = 1


def as_text(lesson: Lesson, check: Check, failure: Failure, language: Language) -> str:
    """Return a failure as plain text: the agreement, what happened, where, and what to do next."""

    lines: list[Message | str] = [
        *sentences_of(lesson, failure, language),
        message("expected: {what}", what=in_words(failure.expected, language)),
        message("actual: {what}", what=in_words(failure.actual, language)),
    ]
    if failure.input:
        lines.append(message("input: {what}", what=visible(failure.input)))
    lines += _block(message("Step by step:"), moment_lines(failure.moments, language))
    server = [part for part in (failure.traceback, failure.warning) if part]
    lines += _block(message("The server’s log:"), "\n".join(server).splitlines())
    if failure.place:
        lines.append(message("your line: {place}", place=failure.place))
    if failure.known:
        title = lesson.known_error(failure.known).title.spoken(language)
        lines.append(
            message("A known error, on the page “When it does not work”: {title}", title=title)
        )
    lines.append(hint_command(lesson, check, failure, language))
    return "\n".join(line.spoken(language) if isinstance(line, Message) else line for line in lines)


def sentences_of(lesson: Lesson, failure: Failure, language: Language) -> list[str]:
    """Return the sentences of the agreement that were not kept, each with its id."""
    return [f"{name}. {lesson.agreement[name].spoken(language)}" for name in failure.sentences]


def in_words(what: Message, language: Language) -> str:
    """Return one side of a failure, safe to print."""
    return readable(what.spoken(language))


def hint_command(lesson: Lesson, check: Check, failure: Failure, language: Language) -> str:
    """Return the line that names the command for the next hint."""
    hint = command(f"hint {lesson.number:02} {failure.task or check.task}")
    return message("Next: {command}", command=hint).spoken(language)


def moment_lines(moments: list[Moment], language: Language) -> list[str]:
    """Return the story of a check, a line a moment, in columns."""
    width = max((len(moment.who) for moment in moments), default=0)
    return [
        f"{moment.who:<{width}}  {ARROWS[moment.what]} {frame_of(moment, language)}".rstrip()
        for moment in moments
    ]


def frame_of(moment: Moment, language: Language) -> str:
    """Return the frame, path or code of a moment, as a line shows it."""
    frame = moment.frame
    if isinstance(frame, Message):
        return shown(frame.spoken(language))
    if moment.what in ("sends", "receives") and not frame.strip():
        return visible(frame)
    return shown(frame)


def _block(title: Message, lines: list[str]) -> list[Message | str]:
    return [title, *(f"  {line}" for line in lines)] if lines else []


def verdict_json(
    lesson: Lesson, verdict: Verdict, language: Language | None = None
) -> dict[str, object]:
    """Return the document that `check --json` prints, its texts in `language`, else the current."""
    spoken = language or current()
    return {
        "version": VERSION,
        "lesson": verdict.lesson,
        "target": verdict.target,
        "status": verdict.status,
        "message": verdict.broken.traceback if verdict.broken else None,
        "score": verdict.score,
        "max_score": verdict.max_score,
        "duration": round(verdict.duration, 3),
        "seed": verdict.seed,
        "file": verdict.broken.file if verdict.broken else None,
        "line": verdict.broken.line if verdict.broken else None,
        "checks": [_result_json(lesson, result, spoken) for result in verdict.checks],
    }


def _result_json(lesson: Lesson, result: Result, language: Language) -> dict[str, object]:
    check, failure = lesson.check(result.id), result.failure
    text = result.message.spoken(language) if result.message else None
    return {
        "id": result.id,
        "task": result.task,
        "status": result.status,
        "points": result.points,
        "message": as_text(lesson, check, failure, language) if failure else text,
        "duration": round(result.duration, 3),
        "failure": _failure_json(lesson, check, failure, language) if failure else None,
    }


def _failure_json(
    lesson: Lesson, check: Check, failure: Failure, language: Language
) -> dict[str, object]:
    return {
        "expected": in_words(failure.expected, language),
        "actual": in_words(failure.actual, language),
        "moments": [
            {"who": moment.who, "what": moment.what, "frame": _whole_frame(moment, language)}
            for moment in failure.moments
        ],
        "file": failure.file,
        "line": failure.line,
        "traceback": failure.traceback,
        "warning": failure.warning,
        "close_code": failure.close_code,
        "input": failure.input,
        "hint": hint_command(lesson, check, failure, language),
        "known": failure.known,
        "sentences": failure.sentences,
    }


def _whole_frame(moment: Moment, language: Language) -> str:
    frame = moment.frame
    return readable(frame.spoken(language) if isinstance(frame, Message) else frame)
