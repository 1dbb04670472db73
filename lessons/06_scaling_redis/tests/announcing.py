"""Commands and scripts of the project, run while people are connected to its processes."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from channels_workshop.chat_checks.accounts import run_all
from channels_workshop.course.lesson import Lesson
from channels_workshop.judging.mismatch import Mismatch, expect, given
from channels_workshop.judging.timeline import shortened
from channels_workshop.processes.management import run_commands
from channels_workshop.processes.options import ServerOptions, project_environment

Command = Sequence[str]

_LIST = """
import json
from chat.models import Announcement
print(json.dumps([[one.room, one.text] for one in Announcement.objects.order_by("pk")]))
"""


class Manager:
    """Whoever runs `manage.py` in a project. Nobody who is connected is held up by that."""

    def __init__(self, project: Path, environment: Mapping[str, str], lesson: Lesson) -> None:
        self._project = project
        self._environment = environment
        self._lesson = lesson

    def elsewhere(self, environment: Mapping[str, str]) -> "Manager":
        """Return the same with another environment."""
        return Manager(self._project, {**self._environment, **environment}, self._lesson)

    async def run(self, *commands: Command) -> list[str]:
        """Run each `manage.py COMMAND…`, and return what they have printed.

        Raises Mismatch unless all of them succeed.
        """
        return await asyncio.to_thread(run_all, self._project, commands, self._environment)

    async def announce(self, *announcements: tuple[str, ...]) -> None:
        """Announce all that, each a room, a text and options. Raises Mismatch for a failure."""
        await self.run(*(["announce", *each] for each in announcements))

    async def fails_to_announce(self, *announcements: tuple[str, str]) -> None:
        """Raise Mismatch unless each of these ends with exit code 1."""
        commands = [["announce", *each] for each in announcements]
        all_ran = await asyncio.to_thread(run_commands, self._project, commands, self._environment)
        for (room, text), ran in zip(announcements, all_ran, strict=True):
            with given(f"announce {json.dumps([room, text], ensure_ascii=False)}"):
                expect(self._code(1), self._code(ran.exit_code))

    def _code(self, code: int | None) -> object:
        return self._lesson.message("announce_ends", code=code)

    async def stored(self, *rooms: str) -> list[tuple[str, str]]:
        """Return the announcements that are stored of these rooms, each a room and a text."""
        (printed,) = await self.run(["shell", "-v0", "-c", _LIST])
        stored = json.loads(printed.strip().splitlines()[-1])
        return [(room, text) for room, text in stored if room in rooms]

    async def has_stored(self, *announcements: tuple[str, str]) -> None:
        """Raise Mismatch unless just these are stored of their rooms, in whatever order."""
        rooms = {room for room, _text in announcements}
        await self.has_just(sorted(announcements), *rooms)

    async def has_just(self, announcements: Sequence[tuple[str, str]], *rooms: str) -> None:
        """Raise Mismatch unless just these are stored of `rooms`."""
        stored = sorted(await self.stored(*rooms))
        if stored != list(announcements):
            raise Mismatch(self._objects(announcements), self._objects(stored))

    def _objects(self, announcements: Sequence[tuple[str, str]]) -> object:
        listed = ", ".join(repr(text) for _room, text in announcements)
        return self._lesson.message("stored", texts=shortened(listed, 160) or "—")


@asynccontextmanager
async def paused_script(
    lesson: Lesson, project: Path, environment: Mapping[str, str], script: str, *arguments: str
) -> AsyncIterator[None]:
    """Run a script of the project up to the line that it prints, and on when the context ends.

    Raises Mismatch where it ends before that, or with another exit code than 0.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, script, *arguments),
        cwd=project,
        env=project_environment(ServerOptions(environment=environment)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        if not await process.stdout.readline():
            raise await _failed(lesson, process, script)
        yield
        process.stdin.write(b"\n")
        process.stdin.close()
        if await process.wait():
            raise await _failed(lesson, process, script)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _failed(lesson: Lesson, process: asyncio.subprocess.Process, script: str) -> Mismatch:
    assert process.stderr
    errors = (await process.stderr.read()).decode("utf-8", "replace").strip().splitlines()
    error, code = errors[-1] if errors else "—", await process.wait()
    return Mismatch(
        lesson.message("script_ends", script=script, code=0),
        lesson.message("script_fails", script=script, code=code, error=error),
    )
