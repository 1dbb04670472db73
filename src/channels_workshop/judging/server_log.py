"""Reads a server's log: the last traceback, a forgotten `await`, what the project itself printed.

The log is text that anybody may have written into, so there are no exception objects to look at.
"""

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path, PurePosixPath

_BEGIN = "Traceback (most recent call last):"
#: Characters that are looked at: the last ones of a log, the first ones of a traceback and of a line.
_OF_A_LOG, _OF_A_TRACEBACK, _OF_A_LINE = 2**21, 2**18, 2**12

#: Python's warning, in a line of its own. In place of a file there may be `<sys>` or so.
_NEVER_AWAITED = re.compile(
    r"(?P<path>.+):(?P<line>[0-9]{1,9}): (?P<what>RuntimeWarning: coroutine .+ was never awaited)"
)
_NEVER = " was never awaited"
#: What uvicorn itself complains of, where an application ends too early and raises nothing.
_COMPLAINT = re.compile(r"^ERROR:? +(ASGI callable .+)$", re.MULTILINE)
_FRAME = re.compile(r'File "([^"\0]+)", line ([0-9]{1,9})\b')
#: How Python begins the lines of an exception group: what is in it stands behind a margin.
_OF_A_GROUP = re.compile(r" +[|+]")
_WARNED = re.compile(r".+:\d+: \w*Warning: ")
#: How uvicorn, Django and Python begin lines of their own.
_NOT_PRINTED = re.compile(
    r"(INFO|WARNING|ERROR|DEBUG|CRITICAL):? |Internal Server Error: |Not Found: |Bad Request: "
    r"|Forbidden|During handling of the above|The above exception was"
    r"|.+:\d+: \w*Warning: |RuntimeWarning: Enable tracemalloc"
    # `runserver`, from its first line to the last but one
    r"|Performing system checks|System check identified|\w+ \d\d, \d{4} - \d\d:\d\d:\d\d$"
    r"|Django version |Starting ASGI/Daphne version |Quit the server with "
)


def lines_of(log: str) -> list[str]:
    """Return the lines of a log that are looked at: it may be as long as a disk, in one line."""
    return [line[:_OF_A_LINE] for line in log[-_OF_A_LOG:].split("\n")]


def last_traceback(log: str) -> str | None:
    """Return the last traceback in a server's log, or None where there is none."""
    begin = log.rfind(_BEGIN)
    if begin < 0:
        return None
    margin = _margin(log[log.rfind("\n", 0, begin) + 1 : begin])
    whole = log[begin : begin + _OF_A_TRACEBACK].splitlines()
    lines = [line.removeprefix(margin)[:_OF_A_LINE] for line in whole]
    # It ends with the first line after the frames that is not indented: the exception itself.
    for number, line in enumerate(lines[1:], 1):
        if line and not line.startswith((" ", "\t")):
            return "\n".join(lines[: number + 1])
    return "\n".join(lines)


def _margin(before: str) -> str:
    """Return what stands before each line of a traceback that begins after `before`, in its line."""
    margin = before.replace("+ Exception Group ", "| ")
    return margin if _OF_A_GROUP.match(margin) else ""


def never_awaited(log: str) -> str | None:
    """Return the first warning of a forgotten `await`, in the form of a traceback, or None.

    Nothing is raised where an `await` is missing: what the coroutine was to do is just not done.
    """
    for line, below in pairwise([*lines_of(log), ""]):
        # Most lines are told apart without the expression, which is slow where it fails.
        if not line.endswith(_NEVER) or not (warning := _NEVER_AWAITED.fullmatch(line)):
            continue
        lines = [_BEGIN, f'  File "{warning["path"]}", line {warning["line"]}']
        if below.startswith("  "):  # the line of code
            lines.append(f"    {below[2:]}")
        return "\n".join([*lines, warning["what"]])
    return None


def complaint(log: str) -> str | None:
    """Return the last sentence in which uvicorn complains of the application, or None."""
    found = _COMPLAINT.findall("\n".join(lines_of(log)))
    return found[-1] if found else None


def shorten_traceback(
    traceback: str,
    project: Path,
    is_shown: Callable[[PurePosixPath], bool] = lambda path: True,
) -> str:
    """Return the frames that stand in `project` with paths inside it, and the exception.

    Of its files, those that `is_shown`: a check may have laid others there.
    """
    kept: list[str] = []
    keeping = False
    for line in traceback.splitlines()[1:]:
        if frame := _FRAME.search(line) if line.startswith("  File ") else None:
            path = _in_project(frame[1], project)
            keeping = path is not None and is_shown(path)
        if keeping or not line.startswith(" "):
            kept.append(line.replace(f"{project}/", "").replace(f"{project}\\", ""))
    return "\n".join(kept)


def place_in_project(
    traceback: str,
    project: Path,
    is_own: Callable[[PurePosixPath, int], bool] = lambda path, line: True,
    is_shown: Callable[[PurePosixPath], bool] = lambda path: True,
) -> tuple[str, int] | None:
    """Return the file and line of the innermost frame that stands in `project`, None if none does.

    Lines that are not the author's own are passed over: nobody is to look for their mistake there. And
    what a check has raised on purpose, in a file that is not `is_shown`, is where it was called from.
    """
    raised_on_purpose = False
    for name, number in reversed(_FRAME.findall(traceback)):
        path, line = _in_project(name, project), int(number)
        if path is None:
            continue
        if not is_shown(path):
            raised_on_purpose = True
        elif is_own(path, line):
            return str(path), line
        elif raised_on_purpose:
            return None
    return None


def _in_project(name: str, project: Path) -> PurePosixPath | None:
    # Whoever prints a traceback may name any file; we only open those of the project.
    if not Path(name).is_relative_to(project) or ".." in Path(name).parts:
        return None
    return PurePosixPath(Path(name).relative_to(project).as_posix())


def own_lines(lines: Iterable[str]) -> list[str]:
    """Return those of `lines` that the project printed: no access log, no warning, no traceback."""
    own = []
    in_traceback = False
    before = ""
    for line in lines:
        shows_code, before = _WARNED.match(before) and line.startswith("  "), line
        if shows_code or _OF_A_GROUP.match(line):  # the code of the warning in the line before
            continue
        if line == _BEGIN:
            in_traceback = True
        elif in_traceback and line and not line.startswith((" ", "\t")):
            in_traceback = False  # the exception, its last line
        elif not in_traceback and line.strip() and not _NOT_PRINTED.match(line):
            own.append(line)
    return own
