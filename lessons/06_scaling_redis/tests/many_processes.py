"""The chat of lesson 06 as its clients know it: one chat, whichever process they are connected to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from channels_workshop.chat_checks.accounts import Accounts, bearer
from channels_workshop.chat_checks.chat import (
    Error,
    Frame,
    Message,
    all_frames,
    is_closed_with,
    read_object,
    room_path,
)
from channels_workshop.chat_checks.counter import Watcher
from channels_workshop.course.lesson import Lesson
from channels_workshop.judging.client import Client, Connection, Silence
from channels_workshop.judging.evidence import Some
from channels_workshop.judging.mismatch import Mismatch

TRY_AGAIN_LATER = 1013
#: Seconds until somebody who was not heard speaks again, and how often: for as long as a
#: subscription may take to be renewed.
_A_WHILE, _TRIES = 0.5, 30


@dataclass(frozen=True)
class Announcement:
    """A frame `{"type": "announcement", "text": text}`."""

    text: object

    def __str__(self) -> str:
        return json.dumps({"type": "announcement", "text": self.text}, ensure_ascii=False)


class Resident(Watcher):
    """Somebody with one tab open, who keeps all announcements that came too."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.announcements: list[Announcement] = []

    def _take(self, frame: str | bytes) -> Frame | None:
        if (announcement := _read_announcement(frame)) is None:
            return super()._take(frame)
        self.announcements.append(announcement)
        return None

    async def arrive(self) -> None:
        """Wait until the join is complete; an error that says `not_written` is passed over."""
        text = f"{self.who} is here"
        await self.say(text)
        while (frame := await self.next(Message(text))) != Message(text):
            if frame != Error("not_written"):
                self.refuse_error(frame, Message(text))

    async def is_announced(self, text: str) -> None:
        """Wait until that announcement has come."""
        expected = Announcement(text)
        while expected not in self.announcements:
            self.refuse_error(await self._read(self.receives(expected)), expected)

    def was_announced(self, *texts: str) -> None:
        """Raise Mismatch unless just these announcements have been read."""
        expected = [Announcement(text) for text in texts]
        if self.announcements != expected:
            raise Mismatch(
                self.receives(all_frames(expected)), self.receives(all_frames(self.announcements))
            )


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
        headers = bearer(self._accounts.token(user))
        return Resident(
            await self.visitor.connect(room_path(room), who=who or user, headers=headers)
        )

    async def arrives(self, room: str, user: str, who: str | None = None) -> Resident:
        """Open one more tab of `user`; return once its join is complete."""
        resident = await self.join(room, user, who)
        await resident.arrive()
        return resident

    async def turns_away(self, room: str, user: str) -> None:
        """Raise Mismatch unless `user` is let in, gets `unavailable`, and is closed with 1013."""
        newcomer = await self.join(room, user)
        await newcomer.gets_error("unavailable")
        await is_closed_with(newcomer.connection, TRY_AGAIN_LATER)


async def talk_again(speaker: Resident, listener: Resident, some: Some, lesson: Lesson) -> None:
    """Have `speaker` say something new again and again, until both hear the same.

    What is said before a server's connection to Redis is back is lost, by agreement; and nobody can
    see from outside when it is back, in one process or in the other.
    """
    for _try in range(_TRIES):
        text, missing = some.text(), listener
        await speaker.say(text)
        try:
            async with asyncio.timeout(_A_WHILE):
                await listener.heard(text)
                missing = speaker
                await _find(speaker, text)
        except (TimeoutError, Silence):
            continue
        return
    waited = lesson.message("not_heard", seconds=_TRIES * _A_WHILE)
    raise Mismatch(missing.receives(Message(text)), waited)


async def _find(speaker: Resident, text: str) -> None:
    """Wait for a message among those before it, and the errors that came for them."""
    while (frame := await speaker.next(Message(text))) != Message(text):
        if frame != Error("unavailable"):
            speaker.refuse_error(frame, Message(text))


@asynccontextmanager
async def standing_still(process: Process, lesson: Lesson) -> AsyncIterator[None]:
    """Have nothing go on in a process meanwhile. It is served by settings that provide for that.

    Raises Mismatch where it does not answer HTTP.
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
            raise Mismatch(
                lesson.message("process_answers"), lesson.message("process_is_silent")
            ) from None
        try:
            yield
        finally:
            held.close()
            await asking
