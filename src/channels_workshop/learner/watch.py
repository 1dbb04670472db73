"""Notices that a learner has saved."""

import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import watchfiles

from ..course.lesson import Lesson
from ..course.project import files_below, is_submitted

#: Milliseconds after which we look again though the system has reported nothing.
_LOOK_AGAIN = 1000
#: What editors lay beside a file for a moment: vim's probe, backups, half-written copies.
_EDITORS_NAMES = {"4913"}
_EDITORS_ENDINGS = ("~", "#", ".tmp", ".bak", ".swp", ".part")

#: What tells one state of a file from the next: time (ns), size, inode.
_Stamp = tuple[int, int, int]


def changes(
    lesson: Lesson, folder: Path, stop: threading.Event | None = None
) -> Iterator[list[PurePosixPath]]:
    """Yield the submitted files of `folder` that were changed, added or removed, after each save.

    Counts from this call, not from the first `next`: what is saved while a check runs is yielded
    next. Several files saved at once are one item. Ends soon after `stop` is set; may run in any
    thread. A folder that is taken away and comes back (`reset`) is watched on.

        for changed in changes(lesson, folder, stop):
            verdict, failures = check_once(lesson, None, backstage)
    """
    return _changes_since(_stamps(lesson, folder), lesson, folder, stop or threading.Event())


def _changes_since(
    seen: dict[PurePosixPath, _Stamp], lesson: Lesson, folder: Path, stop: threading.Event
) -> Iterator[list[PurePosixPath]]:
    for _woken in _wake_ups(folder, stop):
        now = _stamps(lesson, folder)
        changed = sorted(path for path in seen | now if seen.get(path) != now.get(path))
        if changed:
            seen = now
            yield changed


def _wake_ups(folder: Path, stop: threading.Event) -> Iterator[None]:
    """Yield whenever it is worth a look at `folder`: at once, after each event, now and then."""
    while not stop.is_set():
        watched = _identity(folder)
        if watched is None:  # taken away; `reset` puts a new one there in a moment
            stop.wait(_LOOK_AGAIN / 1000)
            continue
        yield
        try:
            for _event in _events_in(folder, stop):
                # The system watches a folder, not a name: another may bear this one by now.
                if _identity(folder) != watched:
                    break
                yield
        except FileNotFoundError:
            continue


def _events_in(folder: Path, stop: threading.Event) -> Iterator[object]:
    return watchfiles.watch(
        folder,
        watch_filter=None,
        step=20,
        stop_event=stop,
        rust_timeout=_LOOK_AGAIN,
        yield_on_timeout=True,
    )


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _stamps(lesson: Lesson, folder: Path) -> dict[PurePosixPath, _Stamp]:
    """Return the stamps of the submitted files below `folder`, as they are now."""
    stamps = {}
    for path in files_below(folder):
        if is_submitted(lesson, path) and not _is_an_editors(path):
            try:
                status = (folder / path).stat()
            except OSError:  # gone since it was listed
                continue
            stamps[path] = status.st_mtime_ns, status.st_size, status.st_ino
    return stamps


def _is_an_editors(path: PurePosixPath) -> bool:
    return (
        path.name in _EDITORS_NAMES
        or path.name.startswith((".", "#"))
        or path.name.endswith(_EDITORS_ENDINGS)
    )
