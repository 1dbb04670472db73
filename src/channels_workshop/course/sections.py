"""Named sections of source files: read them, replace them, hand them out as tasks.

In the reference a section stands between `--8<-- [start:name]` and `--8<-- [end:name]`, which the
site's snippets understand too; in a learner's copy between `TASK name` and `END name`. A marker
line is a comment of whatever language the file is in.
"""

import re
import textwrap
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePath

from ..errors import WorkshopError

_START = re.compile(
    r"^(?P<indent>[ \t]*)(?P<lead>\S+ )--8<-- \[start:(?P<name>[\w-]+)\](?P<tail>.*)$"
)
_END = re.compile(r"^[ \t]*\S+ --8<-- \[end:(?P<name>[\w-]+)\].*$")


#: Files that may hold sections: their comments can hold markers.
_WITH_SECTIONS = {".py", ".html", ".js", ".css", ".conf"}


class BrokenSection(WorkshopError):
    """Section markers of a reference file that do not pair up. For authors, so in English."""


@dataclass(frozen=True)
class Section:
    """One section of a file: `body` holds its lines without the markers, indented as they are."""

    name: str
    path: Path
    line: int
    indent: str
    body: str

    @property
    def text(self) -> str:
        """The body as a page shows it: dedented, without blank edges."""
        return textwrap.dedent(self.body).strip("\n") + "\n"


def has_sections(path: PurePath) -> bool:
    """Return whether a file of that name may hold sections."""
    return path.suffix in _WITH_SECTIONS


def sections_in(path: Path) -> dict[str, Section]:
    """Return the sections of one file by name. Raises BrokenSection for an unpaired marker."""
    found: dict[str, Section] = {}
    opened: re.Match[str] | None = None
    start = 0
    body: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if begin := _START.match(line):
            if opened:
                raise BrokenSection(f"{path}:{number}: sections do not nest", "Close the first.")
            opened, start, body = begin, number, []
        elif end := _END.match(line):
            if not opened or opened["name"] != end["name"]:
                raise BrokenSection(
                    f"{path}:{number}: [end:{end['name']}] closes no section",
                    "Give each [start:name] one [end:name].",
                )
            if end["name"] in found:
                raise BrokenSection(f"{path}:{number}: section {end['name']!r} stands twice")
            found[end["name"]] = Section(
                end["name"], path, start, opened["indent"], "\n".join(body) + "\n"
            )
            opened = None
        elif opened:
            body.append(line)
    if opened:
        raise BrokenSection(
            f"{path}:{start}: section {opened['name']!r} is never closed",
            f"Add [end:{opened['name']}].",
        )
    return found


def replace(text: str, replacements: dict[str, str]) -> str:
    """Return `text` with the body of each named section replaced, markers kept.

    A replacement is dedented and indented to where its section stands. Names that `text`
    does not hold are passed over.
    """
    result: list[str] = []
    replaced: list[str] | None = None
    for line in text.splitlines():
        if begin := _START.match(line):
            result.append(line)
            if begin["name"] in replacements:
                replaced = []
                body = textwrap.dedent(replacements[begin["name"]]).strip("\n")
                result.extend(textwrap.indent(body, begin["indent"]).splitlines())
        elif _END.match(line):
            # The blank lines before a marker are the file's own style.
            while replaced and not replaced.pop().strip():
                result.append("")
            replaced = None
            result.append(line)
        elif replaced is not None:
            replaced.append(line)
        else:
            result.append(line)
    return "\n".join(result) + "\n"


def for_learner(text: str, tasks: Collection[str]) -> str:
    """Return `text` as a learner meets it: marker lines of `tasks` rewritten, others left out."""
    lines = []
    for line in text.splitlines():
        marker = _START.match(line) or _END.match(line)
        if marker is None:
            lines.append(line)
        elif marker["name"] in tasks:
            line = line.replace(f"--8<-- [start:{marker['name']}]", f"TASK {marker['name']}")
            lines.append(line.replace(f"--8<-- [end:{marker['name']}]", f"END {marker['name']}"))
    return "\n".join(lines) + "\n"


def without_markers(text: str) -> str:
    """Return `text` without its marker lines: what the delta compares."""
    lines = [x for x in text.splitlines() if not _START.match(x) and not _END.match(x)]
    # A marker is set off by blank lines; taking it away would leave two of them.
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip("\n")) + "\n"
