"""A failure in the terminal: the cause first, then what was expected, then the story."""

from pathlib import Path

from rich.text import Text

from ...course.lesson import Lesson
from ...course.pages import explanation
from ...course.places import task_at
from ...invocation import command
from ...judging.failure import DoesNotRun, Failure
from ...judging.reports import in_words, moment_lines, sentences_of
from ...judging.timeline import visible
from ...judging.verdict import Result
from ...language import _, current, plural
from ...learner.missing import missing_module
from .console import console, say, say_command, say_line

#: So many of the last moments, and lines of a log, are shown where not all of them are.
_MOMENTS = 6
_LOG_LINES = 12


def show_failure(lesson: Lesson, result: Result, folder: Path, verbose: bool = False) -> None:
    """Print why the check of `result` did not pass for the project in `folder`."""
    check = lesson.check(result.id)
    say(f"✗ {check.title.spoken(current())}", "bold red", hang=2)
    if result.failure is None:
        _show_text_alone(result, verbose)
    else:
        _show_cause(lesson, result.failure, folder)
        _show_difference(lesson, result.failure)
        _show_moments(result.failure, verbose)
        _show_log(result.failure, verbose)
    _show_next_hint(lesson, (result.failure and result.failure.task) or check.task)


def show_broken(lesson: Lesson, broken: DoesNotRun, folder: Path, verbose: bool = False) -> None:
    """Print why the project in `folder` does not start: the place and the exception first."""
    say(_("The project does not start."), "bold red")
    if broken.place:
        say(broken.place, "bold cyan", indent=2)
    say(broken.headline, "red", indent=2, hang=2)
    _show_known(lesson, broken.known)
    _show_missing(lesson, folder, broken.traceback)
    # The exception itself, its last line, stands above.
    if lines := broken.traceback.strip("\n").splitlines()[:-1]:
        console.print()
        _show_last(lines, verbose, _LOG_LINES)
    task = task_at(lesson, folder, broken.file, broken.line) if broken.file else None
    if task is not None:
        _show_next_hint(lesson, task.id)


def _show_text_alone(result: Result, verbose: bool) -> None:
    """Print what there is where a check has raised something else: the fault may be its own."""
    lines = str(result.message or "").strip().splitlines()
    if result.status == "error" and not verbose:
        say(_("The check itself went wrong, which says nothing about your work."), indent=2)
        said = [line[1:].strip() for line in lines if line.startswith("E ")]
        lines = said[:1] or lines[-1:]
    for line in lines:
        say(line, indent=2, hang=2)


def _show_cause(lesson: Lesson, failure: Failure, folder: Path) -> None:
    """Print what raised, where in the project, and what the course has to say about it."""
    exceptions = [_last_line(part) for part in (failure.traceback, failure.warning) if part]
    for exception in exceptions:
        say(exception, "red", indent=2, hang=2)
    if failure.place:
        line = Text(_("your line: {place}", place=failure.place))
        line.stylize("bold cyan", len(line.plain) - len(failure.place))
        say(line, indent=2)
    _show_known(lesson, failure.known)
    _show_missing(lesson, folder, failure.traceback or "")


def _show_known(lesson: Lesson, known_id: str | None) -> None:
    if known_id is None:
        return
    known, language = lesson.known_error(known_id), current()
    title = _("A common mistake: “{title}”", title=known.title.spoken(language))
    say(title, "yellow", indent=2, hang=2)
    page = f"docs/{language}/{explanation(lesson, known, '.md')}"
    say_command(_("The page explains it: {page}", page=page), page, "yellow", indent=2)


def _show_missing(lesson: Lesson, folder: Path, traceback: str) -> None:
    if explained := missing_module(lesson, folder, traceback):
        say(str(explained), "yellow", indent=2, hang=2)


def _show_difference(lesson: Lesson, failure: Failure) -> None:
    language = current()
    console.print()
    for sentence in sentences_of(lesson, failure, language):
        say(sentence, indent=2, hang=4)
    expected, actual = in_words(failure.expected, language), in_words(failure.actual, language)
    say(_("expected: {what}", what=expected), "green", indent=2, hang=4)
    say(_("actual: {what}", what=actual), "red", indent=2, hang=4)
    if failure.input:
        say(_("input: {what}", what=visible(failure.input)), indent=2, hang=4)


def _show_moments(failure: Failure, verbose: bool) -> None:
    lines = moment_lines(failure.moments, current())
    if not lines:
        return
    console.print()
    say(_("Step by step:"), indent=2)
    left_out = 0 if verbose else len(lines) - _MOMENTS
    if left_out > 0:
        lines = lines[left_out:]
        more = plural(
            "… and {count} more moment before (--verbose shows all)",
            "… and {count} more moments before (--verbose shows all)",
            left_out,
        )
        say(more, "dim", indent=4)
    for line in lines:
        say_line(line, indent=4, whole=verbose)


def _show_log(failure: Failure, verbose: bool) -> None:
    lines = [
        line
        for part in (failure.traceback, failure.warning)
        if part
        for line in part.strip("\n").splitlines()
    ]
    if lines:
        console.print()
        say(_("The server’s log:"), indent=2)
        _show_last(lines, verbose, _LOG_LINES)


def _show_last(lines: list[str], verbose: bool, most: int) -> None:
    left_out = 0 if verbose else len(lines) - most
    if left_out > 0:
        lines = lines[left_out:]
        more = plural(
            "… and {count} more line before (--verbose shows all)",
            "… and {count} more lines before (--verbose shows all)",
            left_out,
        )
        say(more, "dim", indent=4)
    for line in lines:
        say_line(line, "dim", indent=4, whole=verbose)


def _show_next_hint(lesson: Lesson, task_id: str) -> None:
    console.print()
    words = command(f"hint {lesson.number:02} {task_id}")
    say_command(_("Next: {command}", command=words), words, indent=2)


def _last_line(text: str) -> str:
    """Return the line of a traceback or warning that names the exception."""
    lines = text.strip().splitlines()
    named = [line for line in lines if "Warning: " in line]
    return (named or lines)[-1].strip()
