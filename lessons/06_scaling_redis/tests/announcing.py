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
from channels_workshop.judging.some import Some
from channels_workshop.judging.timeline import shortened
from channels_workshop.processes.children import FailedToStart
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.program import Program
from channels_workshop.processes.supervisor import Supervisor

Command = Sequence[str]

#: What a script prints where it pauses.
_ANNOUNCED = re.compile("^announced$")

#: Announces a plan: a text by itself; a list is a transaction, or a savepoint within one, which is
#: committed or rolled back, as its first word says.
_PERFORM = """
import json
from django.db import transaction
from chat.announcements import announce

def perform(steps):
    for step in steps:
        if isinstance(step, str):
            announce(room, step)
            continue
        how, *inner = step
        with transaction.atomic():
            perform(inner)
            transaction.set_rollback(how == "roll back")

room, plan = json.loads({said!r})
perform(plan)
"""

#: A text, or a list of how a transaction ends and what is in it.
Step = str | list["Step"]

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

    async def perform(self, room: str, plan: Sequence[Step]) -> None:
        """Announce to a room what is in `plan`, in one process. Raises Mismatch for a failure."""
        await self.run(["shell", "-v0", "-c", _PERFORM.format(said=json.dumps([room, plan]))])

    async def fails_to_announce(self, *announcements: tuple[str, ...]) -> None:
        """Raise Mismatch unless each of these ends with exit code 1."""
        commands = [["announce", *each] for each in announcements]
        run = self._supervisor.run_commands
        all_ran = await asyncio.to_thread(run, self._project, commands, self._environment)
        for each, ran in zip(announcements, all_ran, strict=True):
            with given(f"announce {json.dumps(each, ensure_ascii=False)}"):
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


def survivors(plan: Sequence[Step]) -> list[str]:
    """Return the texts of a plan that are committed, in their order."""
    texts: list[str] = []
    for step in plan:
        if isinstance(step, str):
            texts.append(step)
        elif step[0] != "roll back":
            texts += survivors(step[1:])
    return texts


def every_plan(some: Some) -> list[Step]:
    """Return a plan in which savepoints are within each other in every way, then at random."""
    text = some.text

    def commit(*steps: Step) -> Step:
        return ["commit", *steps]

    def roll_back(*steps: Step) -> Step:
        return ["roll back", *steps]

    def anything(depth: int) -> Step:
        if depth == 0 or some.random.random() < 0.4:
            return text()
        how = some.random.choice([commit, roll_back])
        return how(*(anything(depth - 1) for _ in range(some.random.randint(1, 4))))

    return [
        # The first is taken back, or all are; and so is the last, in the next one.
        commit(roll_back(text()), text()),
        commit(roll_back(text()), roll_back(text())),
        text(),
        commit(text(), roll_back(text())),
        # What was committed within is taken back with the rest; or something within that.
        commit(roll_back(text(), commit(text())), text(), commit(text(), roll_back(text()))),
        roll_back(commit(text()), text()),
        commit(text(), text()),
        *(commit(*(anything(3) for _ in range(4))) for _ in range(3)),
        text(),
    ]


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
