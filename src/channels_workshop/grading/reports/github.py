"""Annotations of one submission, for GitHub Actions: a command a line, which a workflow prints.

See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. Whatever a
submission says stands escaped behind the one command of its line.
"""

from pathlib import PurePosixPath

from ...course.lesson import Lesson
from ...language import Language, message
from ..explaining import headline
from ..graded import Graded
from ..harmless import one_line
from ..marks import Mark
from .cases import cases_of

BEGINS = "::notice title=channels-workshop"
#: Characters of a message; GitHub shows no more than a few lines.
_MOST = 1_000


def github(graded: Graded, mark: Mark, lesson: Lesson | None, language: Language) -> bytes:
    """Return the lines: the points, and an error for each check that does not pass."""
    lines = [f"{BEGINS}::{_text(headline(mark, language))}"]
    if mark.points is None and graded.reason is not None:
        lines.append(_error("", graded.reason.spoken(language), "", None))
    results = {result.id: result for result in graded.verdict.checks} if graded.verdict else {}
    broken = graded.verdict.broken if graded.verdict else None
    for case in cases_of(graded, mark, lesson, language):
        if case.status not in ("fail", "error"):
            continue
        where = results[case.id].failure if case.id in results else broken
        file, line = (where.file, where.line) if where else ("", None)
        text = case.text or message("It does not pass.").spoken(language)
        lines.append(_error(case.title, text, _in_repository(graded, file), line))
    return ("\n".join(lines) + "\n").encode()


def _error(title: str, text: str, file: str, line: int | None) -> str:
    properties = {"file": file, "line": str(line) if file and line else "", "title": title}
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::error {told}::{_text(text)}" if told else f"::error::{_text(text)}"


def _in_repository(graded: Graded, file: str | None) -> str:
    """Return where a file of the project is in the repository that was handed in."""
    # The source is `STUDENT/FOLDER@COMMIT`, without the folder where the project is at the top.
    inside = graded.source.partition("@")[0].partition("/")[2]
    return str(PurePosixPath(inside, file)) if file else ""


def _text(text: str) -> str:
    lines = [one_line(line) for line in text[:_MOST].split("\n")]
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return one_line(text, 200).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
