"""Notices, inside the loop of `up`, that a learner has saved or started something, however."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import watchfiles

from ..course.lesson import Lesson
from ..learner.progress import Progress
from ..learner.watch import Stamp, identity, stamps
from ..learner.workspace import Workspace

#: Seconds after which the files are compared though the system has reported nothing.
_LOOK_AGAIN = 1.0

Saved = Callable[[Lesson, list[PurePosixPath]], None]


class Saves:
    """Watches the learner's folder of each of `lessons`, and which lesson was touched last.

    What counts are the stamps of the files, compared at least once a second; the system's events
    only make that quick.
    """

    def __init__(self, lessons: Iterable[Lesson], workspace: Workspace, progress: Progress) -> None:
        self._workspace = workspace
        self._progress = progress
        self._touched = progress.last_lesson
        self._seen = {lesson: self._stamps(lesson) for lesson in lessons}
        self._wake = asyncio.Event()

    def accept(self, lesson: Lesson) -> None:
        """Take the files of `lesson` as they are now: what was just made was not saved."""
        self._seen[lesson] = self._stamps(lesson)

    def touch(self, lesson: Lesson) -> None:
        """Remember that the learner is at `lesson`, which needs no notice."""
        self._progress.touch(lesson)
        self._touched = lesson.name

    async def follow(self, saved: Saved) -> None:
        """Call `saved` with a lesson and the files changed, added or removed, after each save.

        No files are named of a folder that is new, and where the lesson was merely touched: started
        or checked in another terminal.
        """
        watched, events = None, None
        try:
            while True:
                if (root := identity(self._workspace.root)) != watched:
                    if events:
                        events.cancel()
                    events = asyncio.create_task(self._follow_events()) if root else None
                    watched = root
                # Not by `wait_for`: Python 3.11 may lose a cancellation in it.
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_AGAIN):
                        await self._wake.wait()
                self._wake.clear()
                for lesson, changed in await asyncio.to_thread(self._changes):
                    saved(lesson, changed)
        finally:
            if events:
                events.cancel()

    async def _follow_events(self) -> None:
        async for _event in _events(self._workspace.root, watch_filter=None):
            self._wake.set()

    def _changes(self) -> list[tuple[Lesson, list[PurePosixPath]]]:
        found: list[tuple[Lesson, list[PurePosixPath]]]
        before = self._touched  # read first: it may be set meanwhile
        self._touched = touched = self._progress.last_lesson
        found = [(lesson, []) for lesson in self._seen if lesson.name == touched != before]
        for lesson, seen in self._seen.items():
            now = self._stamps(lesson)
            if now != seen:
                changed = sorted(path for path in seen | now if seen.get(path) != now.get(path))
                self._seen[lesson] = now
                found.append((lesson, changed if seen else []))
        return found

    def _stamps(self, lesson: Lesson) -> dict[PurePosixPath, Stamp]:
        return stamps(lesson, self._workspace.folder(lesson))


async def follow_reference(lessons: Iterable[Lesson], saved: Saved) -> None:
    """Call `saved` when one of the learner's files is saved in the *reference* of a lesson."""
    lessons = list(lessons)
    async for paths in _events(*{lesson.folder.parent for lesson in lessons}):
        for lesson in lessons:
            inside = [path for path in paths if path.is_relative_to(lesson.folder)]
            names = [PurePosixPath(path.relative_to(lesson.folder).as_posix()) for path in inside]
            if submitted := sorted(name for name in names if lesson.is_submitted(name)):
                saved(lesson, submitted)


async def _events(*folders: Path, **options: Any) -> AsyncIterator[list[Path]]:
    """Yield the paths that the system reports, as long as it can and the folders are there."""
    try:
        async for events in watchfiles.awatch(*folders, debounce=500, step=20, **options):
            yield [Path(name) for _change, name in events]
    except (OSError, RuntimeError):  # gone, or the system watches no more: see _LOOK_AGAIN
        pass
