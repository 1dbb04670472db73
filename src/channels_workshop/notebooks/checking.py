"""Checks in a notebook: what a cell holds, judged as `check` judges a project."""

import atexit
import html
import inspect
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..course.copies import write_project
from ..course.lesson import Lesson
from ..course.lessons import find_lesson
from ..errors import WorkshopError
from ..judging.events import Job
from ..judging.judge import Judge
from ..judging.reports import as_text
from ..judging.verdict import Result, Status, Verdict
from ..language import _, current, message
from ..learner.attempt import attempt_in

_MARKS: dict[Status, str] = {"pass": "✓", "fail": "✗", "error": "!", "not_run": "–"}
_COLOURS: dict[Status, str] = {"pass": "#2e9e5b", "fail": "#d6455d", "error": "#d6455d"}

_judge: Judge | None = None


@dataclass(frozen=True)
class Checked:
    """A verdict that shows itself below its cell."""

    lesson: Lesson
    verdict: Verdict

    @property
    def passed(self) -> bool:
        """Whether every check that was run has passed."""
        return self.verdict.status == "pass"

    def __repr__(self) -> str:
        return "\n".join([*(f"{mark} {title}" for mark, title, _ in self._rows()), self._why()])

    def _repr_html_(self) -> str:
        rows = "<br>".join(
            f'<b style="color:{colour}">{mark}</b> {html.escape(title)}'
            for mark, title, colour in self._rows()
        )
        why = html.escape(self._why())
        style = "white-space:pre-wrap;border-left:3px solid #d6455d;padding-left:.8em"
        return f"<p>{rows}</p>" + (f'<pre style="{style}">{why}</pre>' if why else "")

    def _rows(self) -> list[tuple[str, str, str]]:
        if self.verdict.broken is not None:
            return [(_MARKS["error"], _("The project does not start."), _COLOURS["error"])]
        return [
            (
                _MARKS[result.status],
                self.lesson.check(result.id).title.spoken(current()),
                _COLOURS.get(result.status, "inherit"),
            )
            for result in self.verdict.checks
            if not result.is_left_out
        ]

    def _why(self) -> str:
        """Return the first failure in full, in the words that it has everywhere."""
        if self.verdict.broken is not None:
            return self.verdict.broken.traceback
        failed = [result for result in self.verdict.checks if result.status in ("fail", "error")]
        return self._in_words(failed[0]) if failed else ""

    def _in_words(self, result: Result) -> str:
        if result.failure is None:
            return str(result.message or "")
        return as_text(self.lesson, self.lesson.check(result.id), result.failure, current())


def check(
    lesson: str,
    *written: Callable[..., object],
    section: str = "",
    code: str = "",
    target: Path | str | None = None,
    only: Sequence[str] = (),
) -> Checked:
    """Judge what was written in a cell, or the project in the folder `target`.

    What is judged is the finished project of `lesson` with a section of it replaced: by the source
    of the functions in `written`, or by `code`. The section is called `section`, or like the first
    function. Only the checks of the section's own task are run, where that takes too long for a
    notebook those named in `only`. Raises WorkshopError where the lesson has no such section, or
    nothing can be judged.
    """
    found = find_lesson(lesson)
    if target is not None:
        return Checked(found, _judging().verdict(attempt_in(found, Path(target)).job()))
    name = section or written[0].__name__
    text = code or "\n\n".join(inspect.getsource(function) for function in written)
    task = next((task for task in found.tasks if name in task.sections), None)
    if task is None:
        names = ", ".join(section for task in found.tasks for section in task.sections)
        raise WorkshopError(
            message("{lesson} has no section “{name}”.", lesson=found.name, name=name),
            message("Its sections are: {names}.", names=names),
        )
    with tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True) as folder:
        # Resolved, since a traceback names real paths.
        project = Path(folder).resolve() / found.name
        write_project(found, project, {name: text})
        asked = only or [check.id for check in found.checks_of(task) if check.points]
        job = Job(str(found.folder), str(project), only=[*asked], stops_early=True)
        return Checked(found, _judging().verdict(job))


def _judging() -> Judge:
    """Return the judge of this kernel: a process that is kept, and ends with the kernel."""
    global _judge
    if _judge is None:
        _judge = Judge()
        atexit.register(_judge.close)
    return _judge
