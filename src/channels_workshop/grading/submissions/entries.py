"""The files of one hand-in as a list, the same for a folder, an archive and a commit.

What can never be judged is marked here, whatever the lesson: links and devices, names that lead
outside or that not every system can hold, and what systems, editors and package managers leave
behind. Such a folder is one entry, however much is in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from ...language import Message, message
from .leftovers import left_behind, leftover_folders
from .names import LONGEST_PATH, printable, too_long, unfit

MIB = 1024 * 1024
#: More files than this in one hand-in are not looked at. A large virtual environment has 30,000.
MOST_ENTRIES = 100_000
#: Of a path that is too long so many characters are shown.
_SHOWN = 80


class Unreadable(Exception):
    """Nothing of a hand-in can be judged; `why` says so to its author, with the mend."""

    def __init__(self, why: Message) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Entry:
    """One file as it was handed in.

    `path` is its path in the hand-in: slashes, NFC. It ends in a slash for a folder that is passed
    over as a whole. `key` is how its source finds it again. `size` is in bytes and only said, by
    the source: nobody has counted. `modified` is None where nothing tells. `trouble` says why it
    is never taken; None for an ordinary file.
    """

    path: str
    key: object = None
    size: int = 0
    modified: datetime | None = None
    trouble: Message | None = None


class Source(Protocol):
    """A hand-in that is open for reading. `entries` are in the order in which it is best read."""

    @property
    def entries(self) -> Sequence[Entry]: ...

    def read(self, entry: Entry, most: int) -> bytes:
        """Return a file's bytes, at most `most` of them. Raises Unreadable."""
        ...

    def close(self) -> None: ...


def link() -> Message:
    """Return why a symbolic or hard link is not taken."""
    return message("A link: links are not followed. Hand in the file itself.")


def special() -> Message:
    """Return why a device, a socket or a FIFO is not taken."""
    return message("Not an ordinary file.")


def outside() -> Message:
    """Return why a file whose path leads out of the hand-in is not taken."""
    return message("Its path leads out of the archive.")


def too_many_files() -> Unreadable:
    """Return what to raise where a hand-in has more files than anybody would write."""
    return Unreadable(
        message(
            "It holds more than {count} files. Hand in the project's folder alone.",
            count=MOST_ENTRIES,
        )
    )


def entry_of(
    name: str,
    key: object,
    *,
    size: int = 0,
    modified: datetime | None = None,
    trouble: Message | None = None,
) -> Entry:
    """Return the entry for a file that its source calls `name`.

    Backslashes separate folders, as in archives that were made on Windows: no file of a lesson has
    one in its name.
    """
    name = name.replace("\\", "/")
    if len(name) > LONGEST_PATH:
        # Whatever looks at paths need not look at kilobytes of slashes.
        return Entry(f"{printable(name[:_SHOWN])}…", key, size, modified, too_long())
    parts = [part for part in name.split("/") if part not in ("", ".")]
    path = "/".join(parts)
    if name.startswith("/") or ".." in parts or path[1:2] == ":":
        path, trouble = name, outside()
    return Entry(printable(path) or "?", key, size, modified, trouble or unfit(path))


def sorted_out(entries: Iterable[Entry]) -> list[Entry]:
    """Return `entries` with leftovers marked, their folders as one entry each, and no path twice.

    Of two files with one path (in an archive, or with a name in NFC and in NFD) the newer counts;
    of the same age, the later.
    """
    entries = list(entries)
    closed = leftover_folders(entry.path for entry in entries)
    kept: dict[str, Entry] = {}
    others: list[Entry] = []
    for entry in entries:
        folder = _outermost(entry.path, closed)
        if folder is not None:
            kept.setdefault(folder, Entry(folder, trouble=closed[folder]))
            continue
        entry = replace(entry, trouble=left_behind(entry.path) or entry.trouble)
        earlier = kept.get(entry.path)
        if earlier is not None:
            older, entry = sorted((earlier, entry), key=_age)
            others.append(replace(older, trouble=_twice()))
        kept[entry.path] = entry
    return [*kept.values(), *others]


def _outermost(path: str, folders: dict[str, Message]) -> str | None:
    """Return the outermost of `folders` (each with a slash at its end) that holds `path`."""
    end = path.find("/")
    while folders and end != -1:
        if path[: end + 1] in folders:
            return path[: end + 1]
        end = path.find("/", end + 1)
    return None


def _age(entry: Entry) -> tuple[bool, datetime]:
    # An ordinary file counts before one that cannot be taken; `sorted` keeps the order of equals.
    return entry.trouble is None, entry.modified or datetime.min.replace(tzinfo=UTC)


def _twice() -> Message:
    return message("There are two files of that name; the newer one counts.")
