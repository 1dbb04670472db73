"""Notices that a learner has saved."""

import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import watchfiles

from ..course.lesson import Lesson
from ..course.project import files_below

#: Milliseconds after which we look again though the system has reported nothing.
_LOOK_AGAIN = 1000

#: What differs between two states of a file: time (ns), size, inode.
Stamp = tuple[int, int, int]


class _WithoutLeftovers(watchfiles.DefaultFilter):
    """Ignores what editors put beside a file: vim's probe, hidden files, unfinished copies too."""

    ignore_entity_patterns = (
        *watchfiles.DefaultFilter.ignore_entity_patterns,
        r"^4913$",
        r"^[.#]",
        r"(#|\.tmp|\.bak|\.part|___jb_...___)$",
    )


_is_wanted = _WithoutLeftovers()


def changes(
    lesson: Lesson, folder: Path, stop: threading.Event | None = None
) -> Iterator[list[PurePosixPath]]:
    """Yield the submitted files of `folder` that were changed, added or removed, after each save.

    Counts from this call, not from the first `next`: what is saved while a check runs is yielded
    next. Files saved together are one item. Ends soon after `stop` is set; may run in any thread. A
    folder that is removed and comes back (`reset`) is still watched.
    """
    return _changes_since(stamps(lesson, folder), lesson, folder, stop or threading.Event())


def _changes_since(
    seen: dict[PurePosixPath, Stamp], lesson: Lesson, folder: Path, stop: threading.Event
) -> Iterator[list[PurePosixPath]]:
    for _woken in _wake_ups(folder, stop):
        now = stamps(lesson, folder)
        changed = sorted(path for path in seen | now if seen.get(path) != now.get(path))
        if changed:
            seen = now
            yield changed


def _wake_ups(folder: Path, stop: threading.Event) -> Iterator[None]:
    """Yield whenever it is worth looking at `folder`: now, after each event, and each second."""
    while not stop.is_set():
        watched = identity(folder)
        if watched is None:  # removed; `reset` puts a new one there in a moment
            stop.wait(_LOOK_AGAIN / 1000)
            continue
        yield
        try:
            for _event in _events_in(folder, stop):
                # The system watches a folder, not a name: another may bear this one by now.
                if identity(folder) != watched:
                    break
                yield
        except FileNotFoundError:
            continue


def _events_in(folder: Path, stop: threading.Event) -> Iterator[object]:
    return watchfiles.watch(
        folder,
        watch_filter=None,  # the stamps decide: whatever happens there, we look
        debounce=_LOOK_AGAIN,
        step=20,
        stop_event=stop,
        rust_timeout=_LOOK_AGAIN,
        yield_on_timeout=True,
    )


def identity(folder: Path) -> tuple[int, int] | None:
    """Return what differs when another folder bears the name, None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def stamps(lesson: Lesson, folder: Path) -> dict[PurePosixPath, Stamp]:
    """Return the stamps of the submitted files below `folder`, as they are now."""
    stamps = {}
    for path in files_below(folder):
        if lesson.is_submitted(path) and _is_wanted(watchfiles.Change.modified, str(path)):
            try:
                status = (folder / path).stat()
            except OSError:  # gone since the folder was read
                continue
            stamps[path] = status.st_mtime_ns, status.st_size, status.st_ino
    return stamps
