"""Reads a TOML file into a typed description; an error names the file, the line and the fix."""

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from ..errors import WorkshopError

T = TypeVar("T")


class BrokenDescription(WorkshopError):
    """A lesson's description that does not read as one. For authors, so in English."""

    def __init__(self, path: Path, line: int, what: str, fix: str) -> None:
        super().__init__(f"{path}:{line}: {what}", fix)
        # What it is made from, so that it comes whole out of a worker process.
        self.args = (path, line, what, fix)
        self.path = path
        self.line = line


def read(path: Path, kind: type[T]) -> T:
    """Return the TOML file at `path` as a `kind` (a msgspec struct).

    Raises BrokenDescription where the file is missing, is not TOML or does not fit `kind`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BrokenDescription(
            path, 1, "the file is missing", "Bring it back: git checkout -- " + path.name
        ) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BrokenDescription(path, line, "not UTF-8", "Save the file as UTF-8.") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise BrokenDescription(
            path, line, f"not TOML: {error}", "Mend the spelling of that line."
        ) from None
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        raise BrokenDescription(
            path,
            line_of(text, where.strip("`")),
            f"{what} (at {where.strip('`') or 'the top'})",
            "CONTRIBUTING.md lists what a description holds.",
        ) from None


def line_of(text: str, place: str) -> int:
    """Return the line (from 1) that a msgspec place such as `$.checks[2].title` stands on.

    The nearest line that is known: the entry's own header, then its key. Of a list of tables that is
    written out, `key = [`, each entry has a line of its own, which begins with its brace.
    """
    lines = text.splitlines()
    at = 0
    for name, index in re.findall(r"\.(\w+)(?:\[(\d+)\])?", place):
        header = re.compile(rf"\s*(\[\[?\s*{name}\s*\]?\]|{name}\s*[.=])")
        wanted = int(index or 0)
        for number in range(at, len(lines)):
            if header.match(lines[number]):
                at = number
                if index and lines[number].endswith("= ["):
                    header, wanted = re.compile(r"\s*\{"), wanted + 1
                if not wanted:
                    break
                wanted -= 1
    return at + 1
