"""The chat of lesson 06 as its clients know it: one chat, whichever process they are connected to."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ..language import _
from ..serving.commands import run_commands
from ..serving.server import project_environment
from .accounts import Accounts, bearer
from .agreement import Departure
from .chat import Error, Frame, Message, Some, read_object
from .client import Client, Silence
from .presence import Watcher

TRY_AGAIN_LATER = 1013
#: Seconds until whoever was not heard speaks again, and how often: for as long as a subscription
#: may take to be renewed.
_A_WHILE, _TRIES = 0.5, 30


@dataclass(frozen=True)
class Announcement:
    """A frame `{"type": "announcement", "text": text}`."""

    text: object

    def __str__(self) -> str:
        return json.dumps({"type": "announcement", "text": self.text}, ensure_ascii=False)


class Resident(Watcher):
    """Somebody with one tab open, who keeps all announcements that came too."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.announcements: list[Announcement] = []

    def _take(self, frame: str | bytes) -> Frame | None:
        if (announcement := _read_announcement(frame)) is None:
            return super()._take(frame)
        self.announcements.append(announcement)
        return None

    async def arrive(self) -> None:
        """Wait until the join has been worked off; that something is not written yet is passed over."""
        text = f"{self.connection.who} is here"
        await self.say(text)
        while (frame := await self.next(Message(text))) != Message(text):
            if isinstance(frame, Error) and frame != Error("not_written"):
                raise Departure(self._receives(Message(text)), self._receives(frame))

    async def is_announced(self, text: str) -> None:
        """Wait until that announcement has come."""
        agreed = Announcement(text)
        while agreed not in self.announcements:
            frame = await self._read(self._told(agreed))
            if isinstance(frame, Error):
                raise Departure(self._told(agreed), self._told(frame))

    def was_announced(self, *texts: str) -> None:
        """Raise Departure unless just these announcements have been read."""
        agreed = [Announcement(text) for text in texts]
        if self.announcements != agreed:
            raise Departure(self._all(agreed), self._all(self.announcements))

    def _all(self, announcements: Sequence[Announcement]) -> str:
        return self._told(", ".join(map(str, announcements)) or _("nothing"))

    def _told(self, what: object) -> str:
        return _("{who} receives {frame}", who=self.connection.who, frame=what)


def _read_announcement(frame: str | bytes) -> Announcement | None:
    content = read_object(frame)
    if content is None or content.get("type") != "announcement":
        return None
    return Announcement(content.get("text"))


class Process:
    """One process of the chat, as the people see it who are connected to it."""

    def __init__(self, visitor: Client, accounts: Accounts) -> None:
        self.visitor = visitor
        self._accounts = accounts

    async def join(self, room: str, user: str, who: str | None = None) -> Resident:
        """Open one more tab of `user`; return once the handshake is accepted."""
        path = f"/ws/chat/{quote(room, safe='')}/"
        headers = bearer(self._accounts.token(user))
        return Resident(await self.visitor.connect(path, who=who or user, headers=headers))

    async def arrives(self, room: str, user: str, who: str | None = None) -> Resident:
        """Open one more tab of `user`; return once its join has been worked off."""
        resident = await self.join(room, user, who)
        await resident.arrive()
        return resident

    async def turns_away(self, room: str, user: str, who: str) -> None:
        """Raise Departure unless `user` is let in, told `unavailable`, and closed with 1013."""
        newcomer = await self.join(room, user, who)
        await newcomer.is_told("unavailable")
        agreed = _("the connection is closed with code {code}", code=TRY_AGAIN_LATER)
        code = await newcomer.connection.closed_by_server(agreed)
        if code != TRY_AGAIN_LATER:
            raise Departure(agreed, _("it was closed with code {code}", code=code))


async def talk_again(speaker: Resident, listener: Resident, some: Some) -> None:
    """Have `speaker` say something new again and again, until `listener` hears one of it.

    What is said before the server's connection to Redis is back is lost, by agreement; and nobody
    can see from outside when it is back.
    """
    for _try in range(_TRIES):
        text = some.text()
        await speaker.say(text)
        try:
            async with asyncio.timeout(_A_WHILE):
                await listener.heard(text)
        except (TimeoutError, Silence):
            continue
        await _find(speaker, text)
        return
    waited = _TRIES * _A_WHILE
    agreed = _("{who} receives {frame}", who=listener.connection.who, frame=Message(text))
    raise Departure(agreed, _("nothing came for {n:g} s", n=waited))


async def _find(speaker: Resident, text: str) -> None:
    """Wait for a message among the errors that came for those before it."""
    while (frame := await speaker.next(Message(text))) != Message(text):
        if isinstance(frame, Error) and frame != Error("unavailable"):
            agreed = _("{who} receives {frame}", who=speaker.connection.who, frame=Message(text))
            happened = _("{who} receives {frame}", who=speaker.connection.who, frame=frame)
            raise Departure(agreed, happened)


@asynccontextmanager
async def standing_still(process: Process) -> AsyncIterator[None]:
    """Have nothing go on in a process meanwhile. It is served by settings that provide for that.

    Raises Departure where it does not answer HTTP.
    """
    arrivals: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrivals.put_nowait(writer)

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as gate:
        headers = {"X-Still-Until": str(gate.sockets[0].getsockname()[1])}
        asking = asyncio.create_task(process.visitor.get("/", headers=headers, timeout=None))
        try:
            held = await process.visitor.patience.wait(arrivals.get())
        except TimeoutError:
            asking.cancel()
            raise Departure(_("an HTTP answer"), _("nothing")) from None
        try:
            yield
        finally:
            held.close()
            await asking


async def succeed(project: Path, environment: Mapping[str, str], *commands: Sequence[str]) -> str:
    """Run each `manage.py COMMAND…` of the project, and return what the last one printed.

    Nobody who is connected is held up by that. Raises Departure unless all of them succeed.
    """
    came = await asyncio.to_thread(run_commands, project, commands, environment)
    for command, ran in zip(commands, came, strict=True):
        if ran.exit_code != 0:
            told = "manage.py " + " ".join(command)[:60]
            last = (ran.errors.strip().splitlines() or [""])[-1]
            raise Departure(f"{told}: 0", f"{told}: {ran.exit_code} {last}")
    return came[-1].printed


@asynccontextmanager
async def waiting(
    project: Path, environment: Mapping[str, str], script: str, *arguments: str
) -> AsyncIterator[None]:
    """Run a script of the project up to the line that it prints, and on when the context ends.

    Raises Departure where it ends before, or in vain.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, script, *arguments),
        cwd=project,
        env=project_environment("config.settings", dict(environment)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        if not await process.stdout.readline():
            await _raise_what(process, script)
        yield
        process.stdin.write(b"\n")
        process.stdin.close()
        if await process.wait():
            await _raise_what(process, script)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _raise_what(process: asyncio.subprocess.Process, script: str) -> None:
    assert process.stderr
    errors = (await process.stderr.read()).decode("utf-8", "replace").strip().splitlines()
    raise Departure(f"{script}: 0", f"{script}: {errors[-1] if errors else await process.wait()}")
