"""Where in a TOML file a value stands, so that a complaint can name the line."""

import re
from collections.abc import Sequence

Path = Sequence[str | int]

_KEY = re.compile(r'"([^"]*)"|\'([^\']*)\'|([\w-]+)')
_KEYS = r"""(?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*"""
_HEADER = re.compile(rf"\s*(?P<opening>\[\[?)\s*(?P<keys>{_KEYS})\s*\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(rf"\s*(?P<keys>{_KEYS})\s*=")


def line_of(text: str, path: Path) -> int:
    """Return the line (from 1) of the value at `path`, such as `("extensions", 1, "days")`.

    Where only a part of the path is found (an inline table), the line of that; else 1.
    """
    lines = _lines(text)
    for length in range(len(path), 0, -1):
        if (line := lines.get(tuple(path[:length]))) is not None:
            return line
    return 1


def _lines(text: str) -> dict[tuple[str | int, ...], int]:
    """Return the line of each table and key. The first one counts, where a table comes in parts."""
    found: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str | int, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            keys = _split(header["keys"])
            if header["opening"] == "[[":
                counts[keys] = counts.get(keys, -1) + 1
            table = _with_places(keys, counts)
            _note(found, table, number)
        elif entry := _ENTRY.match(line):
            _note(found, table + _split(entry["keys"]), number)
    return found


def _split(keys: str) -> tuple[str, ...]:
    return tuple(next(filter(None, groups), "") for groups in _KEY.findall(keys))


def _with_places(
    keys: tuple[str, ...], counts: dict[tuple[str, ...], int]
) -> tuple[str | int, ...]:
    """Return a table's path with the place (from 0) behind the name of each array of tables."""
    path: list[str | int] = []
    for length, key in enumerate(keys, 1):
        path.append(key)
        if keys[:length] in counts:
            path.append(counts[keys[:length]])
    return tuple(path)


def _note(found: dict[tuple[str | int, ...], int], path: tuple[str | int, ...], line: int) -> None:
    for length in range(1, len(path) + 1):
        found.setdefault(path[:length], line)
