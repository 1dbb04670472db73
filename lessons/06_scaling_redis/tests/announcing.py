"""Commands and scripts of the project, run while people are connected to its processes."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from channels_workshop.chat_checks.accounts import run_all
from channels_workshop.course.lesson import Lesson
from channels_workshop.judging.mismatch import Mismatch, expect, given
from channels_workshop.judging.timeline import shortened
from channels_workshop.processes.children import FailedToStart
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.program import Program
from channels_workshop.processes.supervisor import Supervisor

Command = Sequence[str]

#: What a script prints where it pauses.
_ANNOUNCED = re.compile("^announced$")

_LIST = """
import json
from chat.models import Announcement
print(json.dumps([[one.room, one.text] for one in Announcement.objects.order_by("pk")]))
"""


class Manager:
    """Whoever runs `manage.py` in a project. Nobody who is connected is held up by that."""

    def __init__(
        self,
        supervisor: Supervisor,
        project: Path,
        environment: Mapping[str, str],
        lesson: Lesson,
    ) -> None:
        self._supervisor = supervisor
        self._project = project
        self._environment = environment
        self._lesson = lesson

    def elsewhere(self, environment: Mapping[str, str]) -> "Manager":
        """Return the same with another environment."""
        whole = {**self._environment, **environment}
        return Manager(self._supervisor, self._project, whole, self._lesson)

    async def run(self, *commands: Command) -> list[str]:
        """Run each `manage.py COMMAND…`, and return what they have printed.

        Raises Mismatch unless all of them succeed.
        """
        return await asyncio.to_thread(
            run_all, self._supervisor, self._project, commands, self._environment
        )

    async def announce(self, *announcements: tuple[str, ...]) -> None:
        """Announce all that, each a room, a text and options. Raises Mismatch for a failure."""
        await self.run(*(["announce", *each] for each in announcements))

    async def fails_to_announce(self, *announcements: tuple[str, str]) -> None:
        """Raise Mismatch unless each of these ends with exit code 1."""
        commands = [["announce", *each] for each in announcements]
        run = self._supervisor.run_commands
        all_ran = await asyncio.to_thread(run, self._project, commands, self._environment)
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
    lesson: Lesson,
    start: Callable[[Sequence[str], ServerOptions], Program],
    environment: Mapping[str, str],
    script: str,
    *arguments: str,
) -> AsyncIterator[None]:
    """Run a script of the project up to the line that it prints, and on when the context ends.

    `start` starts it. Raises Mismatch where it ends before that, or with another exit code than 0.
    """
    program = start([script, *arguments], ServerOptions(environment=environment))
    try:
        try:
            await asyncio.to_thread(program.until, _ANNOUNCED)
        except FailedToStart:
            raise await _failed(lesson, program, script) from None
        yield
        program.write_line()
        code, _error = await asyncio.to_thread(program.ended)
        if code != 0:
            raise await _failed(lesson, program, script)
    finally:
        program.stop()


async def _failed(lesson: Lesson, program: Program, script: str) -> Mismatch:
    code, error = await asyncio.to_thread(program.ended)
    return Mismatch(
        lesson.message("script_ends", script=script, code=0),
        lesson.message("script_fails", script=script, code=code, error=error or "—"),
    )
