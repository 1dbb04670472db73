"""A folder that was handed in. Nothing in it is changed, and no link in it is followed.

A file with a second name elsewhere (a hard link) is a file like any other: nothing tells which of
its names was first.
"""

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ...language import message
from .entries import (
    MOST_ENTRIES,
    Entry,
    Unreadable,
    entry_of,
    link,
    sorted_out,
    special,
    too_many_files,
)
from .leftovers import ENVIRONMENT, leftover_folder, packages
from .names import decoded_paths, printable


class Folder:
    """The files below `folder`. `apart` are paths in it that are handed in on their own."""

    def __init__(self, folder: Path, apart: Collection[str] = ()) -> None:
        self._folder = folder
        self._apart = apart
        self._entries = sorted_out(self._found())

    @property
    def entries(self) -> Sequence[Entry]:
        """Its files, sorted by folder and name."""
        return self._entries

    def read(self, entry: Entry, most: int) -> bytes:
        """Return a file's bytes, at most `most` of them. Raises Unreadable."""
        # It was an ordinary file when it was listed. Should it have been replaced since: neither
        # is a link followed, nor does a FIFO without a writer stop us.
        flags = os.O_RDONLY
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
            flags |= getattr(os, name, 0)
        try:
            with os.fdopen(os.open(self._folder / str(entry.key), flags), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise OSError("not an ordinary file")
                return file.read(most)
        except OSError as error:
            raise cannot_be_read(entry.path, error) from None

    def close(self) -> None:
        """Do nothing: no file is held open."""

    def _found(self) -> Iterator[Entry]:
        count = 0
        # Folders still to be looked into: what the system calls them, and their paths as text.
        folders = [("", "")]
        while folders:
            for entry in self._in_one_folder(*folders.pop()):
                if entry.path.endswith("/") and entry.trouble is None:
                    folders.append((str(entry.key), entry.path))
                    continue
                count += 1
                if count > MOST_ENTRIES:
                    raise too_many_files()
                yield entry

    def _in_one_folder(self, key: str, path: str) -> Iterator[Entry]:
        """Yield what lies directly in one folder; the path of a folder in it ends in a slash."""
        try:
            with os.scandir(self._folder / key) as found:
                children = sorted(found, key=lambda child: child.name)
            statuses = [child.stat(follow_symlinks=False) for child in children]
        except OSError as error:
            raise cannot_be_read(path or self._folder.name, error) from None
        names = decoded_paths([child.name for child in children])
        for child, name, status in zip(children, names, statuses, strict=True):
            child_key = f"{key}{child.name}"
            if child_key not in self._apart:
                yield self._entry(child_key, path, name, status)

    def _entry(self, key: str, parent: str, name: str, status: os.stat_result) -> Entry:
        path = f"{parent}{name}"
        if stat.S_ISLNK(status.st_mode) or _is_junction(status):
            return entry_of(path, key, trouble=link())
        if stat.S_ISREG(status.st_mode):
            modified = time_of(status.st_mtime)
            return entry_of(path, key, size=status.st_size, modified=modified)
        if not stat.S_ISDIR(status.st_mode):
            return entry_of(path, key, trouble=special())
        entry = entry_of(path, f"{key}/")
        trouble = leftover_folder(name) or entry.trouble
        if os.path.lexists(self._folder / key / ENVIRONMENT):
            trouble = packages()
        return Entry(f"{entry.path}/", entry.key, trouble=trouble)


def time_of(seconds: float) -> datetime | None:
    """Return a time in seconds since 1970 as UTC; None for one that nobody meant."""
    with suppress(OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    return None


def _is_junction(status: os.stat_result) -> bool:
    """Return whether it is what Windows has for a link to a folder."""
    mount_point = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)
    return mount_point is not None and getattr(status, "st_reparse_tag", 0) == mount_point


def cannot_be_read(path: str, error: OSError) -> Unreadable:
    """Return what to raise for a file or folder that the system does not let us read."""
    why = error.strerror or str(error)
    return Unreadable(message("{path} cannot be read: {why}", path=printable(path), why=why))
