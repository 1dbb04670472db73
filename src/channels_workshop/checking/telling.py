"""How a failed check is told: what was agreed, what happened, where in your code, what to do."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from ..course.lesson import Check, Lesson
from ..language import _, current


@dataclass(frozen=True)
class Failure:
    """The parts of a told failure; empty parts are left out."""

    title: str
    agreement: str
    agreed: str = ""
    happened: str = ""
    story: list[str] = field(default_factory=list)
    traceback: str = ""
    your_line: str = ""
    next_step: str = ""

    def text(self) -> str:
        """Return the failure as plain text, in the current language."""
        blocks = [
            self.agreement,
            _labelled(_("expected"), self.agreed),
            _labelled(_("happened"), self.happened),
            _block(_("Step by step:"), "\n".join(self.story)),
            _block(_("The server says:"), self.traceback),
            _labelled(_("your line"), self.your_line),
            self.next_step,
        ]
        return "\n".join(block for block in blocks if block)


def tell(
    lesson: Lesson, check: Check, happened: BaseException, story: list[str], log: str, project: Path
) -> Failure:
    """Return what a learner is told of a check that raised `happened`.

    `log` is what the server printed during the check; `project` the copy that it served.
    """
    traceback = last_traceback(log) or ""
    return Failure(
        title=check.title.spoken(current()),
        agreement=check.agreement.spoken(current()),
        agreed=getattr(happened, "agreed", ""),
        happened=getattr(happened, "happened", "") or f"{type(happened).__name__}: {happened}",
        story=story,
        traceback=shorten_traceback(traceback, project),
        your_line=line_in_project(traceback, project),
        next_step=_(
            "Next: python workshop.py hint {number} {task}",
            number=f"{lesson.number:02}",
            task=check.task,
        ),
    )


_BEGIN = "Traceback (most recent call last):"


def last_traceback(log: str) -> str | None:
    """Return the last traceback in a server's log, or None where there is none."""
    begin = log.rfind(_BEGIN)
    if begin < 0:
        return None
    lines = log[begin:].splitlines()
    # It ends with the first line after the frames that is not indented: the exception itself.
    for number, line in enumerate(lines[1:], 1):
        if line and not line.startswith((" ", "\t")):
            return "\n".join(lines[: number + 1])
    return "\n".join(lines)


def shorten_traceback(traceback: str, project: Path) -> str:
    """Return the frames that stand in `project` with paths inside it, and the exception."""
    if not traceback:
        return ""
    kept: list[str] = []
    keeping = False
    for line in traceback.splitlines()[1:]:
        if line.startswith("  File "):
            keeping = str(project) in line
        if keeping or not line.startswith(" "):
            kept.append(line.replace(f"{project}/", "").replace(f"{project}\\", ""))
    return "\n".join(kept)


def line_in_project(traceback: str, project: Path) -> str:
    """Return `path:line` of the innermost frame that stands in `project`, or nothing."""
    frames = re.findall(r'File "([^"]+)", line (\d+)', traceback)
    for path, line in reversed(frames):
        if Path(path).is_relative_to(project):
            return f"{Path(path).relative_to(project).as_posix()}:{line}"
    return ""


def _labelled(label: str, text: str) -> str:
    return f"{label}: {text}" if text else ""


def _block(label: str, text: str) -> str:
    return f"{label}\n" + "\n".join(f"  {line}" for line in text.splitlines()) if text else ""
