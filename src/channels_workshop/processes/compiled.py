"""Whether Python can read the files of a project; found out where the project runs.

What compiling takes is up to the source: some of a few megabytes need gigabytes, or end the process.
"""

import traceback
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from .children import START_LIMIT
from .project import Start, as_number, as_text, read_word
from .project_process import say

#: Lines of a file are fewer than that.
_LINES = 2**31


@dataclass(frozen=True)
class NotPython:
    """A file that Python cannot read: its path in the project, and what Python says of it."""

    file: str
    line: int | None
    printed: str


def first_not_python(
    project: Path, files: Sequence[str], start: Start | None = None
) -> NotPython | None:
    """Return the first of `files`, paths below `project`, that is not Python; None where all are.

    `start` starts a process for that, else it is done here. None too where that process is lost:
    whatever imports such a file will be lost as well.
    """
    if start is None:
        return _find(project, files)
    process, pipe = start(_say_first, project, files)
    try:
        with pipe:
            if wait([pipe, process.sentinel], START_LIMIT):
                return _from_word(read_word(pipe), files)
    except (EOFError, OSError):  # lost, or no word of ours
        pass
    finally:
        process.kill()
    return None


def _find(project: Path, files: Sequence[str]) -> NotPython | None:
    for file in files:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python says it again when the module is imported
                compile((project / file).read_bytes(), file, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            printed = "".join(traceback.format_exception_only(error)).rstrip()
            return NotPython(file, getattr(error, "lineno", None), printed)
    return None


def _say_first(pipe: Connection, project: Path, files: Sequence[str]) -> None:
    found = _find(project, files)
    say(pipe, found and [found.file, found.line, found.printed])


def _from_word(word: object, files: Sequence[str]) -> NotPython | None:
    if word is None:
        return None
    if not isinstance(word, list) or len(word) != 3 or word[0] not in files:
        raise OSError("no word of ours")
    file, line, printed = word
    return NotPython(file, line and as_number(line, 0, _LINES), as_text(printed))
