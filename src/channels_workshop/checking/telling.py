"""How a failed check is told: what was agreed, what happened, where in your code, what to do."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..course.lesson import Check, Lesson
from ..course.project import project_files
from ..course.reference import task_sections
from ..course.sections import without_markers
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
    said = [part for part in (last_traceback(log), never_awaited(log)) if part]
    given = given_files(lesson, project)
    lines = [line_in_project(part, project, given) for part in said]
    return Failure(
        title=check.title.spoken(current()),
        agreement=check.agreement.spoken(current()),
        agreed=getattr(happened, "agreed", ""),
        happened=getattr(happened, "happened", "") or f"{type(happened).__name__}: {happened}",
        story=story,
        traceback="\n".join(shorten_traceback(part, project) for part in said),
        your_line=next(filter(None, lines), ""),
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


#: Python's warning, and below it the line of code. In place of a file there may be `<sys>` or so.
_NEVER_AWAITED = re.compile(
    r"^(?P<path>.+):(?P<line>\d+): (?P<what>RuntimeWarning: coroutine .+ was never awaited)$"
    r"(?:\n  (?P<code>.+))?",
    re.MULTILINE,
)


def never_awaited(log: str) -> str | None:
    """Return the first warning of a forgotten `await`, in the form of a traceback, or None.

    Nothing is raised where an `await` is missing: what the coroutine was to do is just not done.
    """
    warning = _NEVER_AWAITED.search(log)
    if warning is None:
        return None
    lines = [_BEGIN, f'  File "{warning["path"]}", line {warning["line"]}']
    if warning["code"]:
        lines.append(f"    {warning['code']}")
    return "\n".join([*lines, warning["what"]])


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


def line_in_project(
    traceback: str, project: Path, given: Collection[PurePosixPath] = frozenset()
) -> str:
    """Return `path:line` of the innermost frame that stands in `project`, or nothing.

    Files that are `given` are passed over: nobody is to look for their mistake there.
    """
    frames = re.findall(r'File "([^"]+)", line (\d+)', traceback)
    for name, line in reversed(frames):
        if not Path(name).is_relative_to(project):
            continue
        path = PurePosixPath(Path(name).relative_to(project).as_posix())
        if path not in given:
            return f"{path}:{line}"
    return ""


def given_files(lesson: Lesson, project: Path) -> set[PurePosixPath]:
    """Return the files of `project` that hold no task and are still those of the reference."""
    written = {section.path for task in lesson.tasks for section in task_sections(lesson, task.id)}
    return {
        path
        for path in project_files(lesson)
        if lesson.folder / path not in written and _are_alike(lesson.folder / path, project / path)
    }


def _are_alike(reference: Path, file: Path) -> bool:
    try:
        texts = [path.read_text(encoding="utf-8") for path in (reference, file)]
    except (OSError, UnicodeDecodeError):  # gone, or not Python: no frame stands there
        return False
    return without_markers(texts[0]) == without_markers(texts[1])


def _labelled(label: str, text: str) -> str:
    return f"{label}: {text}" if text else ""


def _block(label: str, text: str) -> str:
    return f"{label}\n" + "\n".join(f"  {line}" for line in text.splitlines()) if text else ""
