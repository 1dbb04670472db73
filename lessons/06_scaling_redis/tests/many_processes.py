"""The chat of lesson 06 as its clients know it: one chat, whichever process they are connected to."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from channels_workshop.chat_checks.accounts import Accounts, bearer
from channels_workshop.chat_checks.chat import (
    Error,
    Frame,
    Message,
    NamedPerson,
    all_frames,
    altered,
    look_alike,
    read_object,
    room_path,
)
from channels_workshop.chat_checks.counter import Watcher, is_answered
from channels_workshop.course.lesson import Lesson
from channels_workshop.judging.client import Client, Connection, Refused, Silence
from channels_workshop.judging.mismatch import Mismatch
from channels_workshop.judging.patience import Patience
from channels_workshop.judging.servers import Servers
from channels_workshop.judging.some import Some
from channels_workshop.judging.timeline import Timeline, shortened
from channels_workshop.processes.project import ProjectServer

if TYPE_CHECKING:
    import httpx

#: Seconds until somebody who was not heard speaks again, and how often: for as long as a
#: subscription may take to be renewed.
_A_WHILE, _TRIES = 0.5, 30


def other_process(servers: Servers) -> ProjectServer:
    """Return the second process of the chat, as on another machine. Raises FailedToStart."""
    return servers.alongside("other", own_interpreter=True)


@dataclass(frozen=True)
class Announcement:
    """A frame `{"type": "announcement", "text": text}`."""

    text: object

    def __str__(self) -> str:
        return json.dumps({"type": "announcement", "text": self.text}, ensure_ascii=False)


class Resident(Watcher, NamedPerson):
    """Somebody with one tab open, who keeps all announcements that came too."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.announcements: list[Announcement] = []
        self._announced: set[str] = set()

    def read(self, frame: str | bytes) -> Frame | None:
        """Return what else the agreement sees in a frame; None for an announcement, which is kept."""
        content = read_object(frame) if isinstance(frame, str) else None
        if content is None or content.get("type") != "announcement":
            return super().read(frame)
        announcement = Announcement(content.get("text"))
        if content.keys() != {"type", "text"} or not isinstance(announcement.text, str):
            raise Mismatch(self.receives(Announcement("…")), self.receives(shortened(str(frame))))
        self.announcements.append(announcement)
        return None

    async def is_announced(self, text: str) -> None:
        """Wait until that announcement has come."""
        expected = Announcement(text)

        def read_on(frame: str | bytes) -> Announcement | None:
            self.refuse_error(self.read(frame), expected)
            return expected if expected in self.announcements else None

        if expected not in self.announcements:
            try:
                await self.connection.receive_first(read_on, self.receives(expected))
            except Silence:
                self._refuse_altered(text)
                raise
        self._announced.add(text)

    def _refuse_altered(self, text: str) -> None:
        """Raise Mismatch where an announcement has come that looks like `text`, and is none of ours."""
        for came in self.announcements:
            known = str(came.text)
            if known not in self._announced and look_alike(text, known):
                received = self.receives(came)
                raise Mismatch(self.receives(Announcement(text)), altered(received, text, known))

    def was_announced(self, *texts: str) -> None:
        """Raise Mismatch unless just these announcements have been read."""
        expected = [Announcement(text) for text in texts]
        if self.announcements != expected:
            raise Mismatch(
                self.receives(all_frames(expected)), self.receives(all_frames(self.announcements))
            )


@contextmanager
def held_up(*people: Resident) -> Iterator[None]:
    """Have these people read nothing meanwhile, as if a network held them up."""
    for person in people:
        person.connection.hold()
    try:
        yield
    finally:
        for person in people:
            person.connection.read_on()


class Process:
    """One process of the chat, as the people see it who are connected to it."""

    def __init__(self, visitor: Client, accounts: Accounts) -> None:
        self.visitor = visitor
        self._accounts = accounts

    async def join(self, room: str, user: str, who: str | None = None) -> Resident:
        """Open one more tab of `user`; return once the handshake is accepted.

        What stands after a comma in `user` is no part of the name: “ann, another tab”.
        """
        name = user.partition(",")[0]
        headers = bearer(self._accounts.token_of(name))
        return Resident(
            await self.visitor.connect(room_path(room), who=who or user, headers=headers)
        )

    async def arrives(self, room: str, user: str, who: str | None = None) -> Resident:
        """Open one more tab of `user`; return once its join is complete."""
        resident = await self.join(room, user, who)
        await resident.says_and_hears(f"{resident.who} is here")
        return resident

    async def lets_in_at_last(self, room: str, user: str, lesson: Lesson) -> Resident:
        """Open one more tab of `user`, again and again until it is not closed at once.

        A process may learn by the first of them only that its connection to Redis has ended.
        """
        for _try in range(_TRIES):
            with suppress(Refused):
                tab = await self.join(room, user)
                if await is_answered(tab):
                    return tab
            await asyncio.sleep(_A_WHILE)
        raise Mismatch(
            lesson.message("lets_in_again", who=user),
            lesson.message("lets_in_nobody", seconds=_TRIES * _A_WHILE),
        )


class Everywhere(Client):
    """A browser before many processes: each handshake and each request goes to the next of them."""

    def __init__(
        self,
        servers: Sequence[ProjectServer],
        timeline: Timeline,
        who: str = "browser",
        patience: Patience | None = None,
    ) -> None:
        super().__init__(servers[0], timeline, who, patience)
        self._servers = servers
        self._turns = itertools.cycle(servers)

    def another(self, who: str) -> "Everywhere":
        """Return another browser, with cookies of its own, in the same story."""
        return Everywhere(self._servers, self.timeline, who, self.patience)

    async def connect(self, path: str, **options: Any) -> Connection:
        """Open a WebSocket on the next process; the options are those of `Client.connect`."""
        self.server = next(self._turns)
        return await super().connect(path, **options)

    async def _request(self, method: str, path: str, **options: Any) -> "httpx.Response":
        self.server = next(self._turns)
        # Cookies are those of the host, whichever of its ports was asked.
        return await super()._request(method, f"{self.server.origin}{path}", **options)


class KnownEverywhere(Everywhere):
    """The same, and each name that a connection is given is that of a user, whose token it shows."""

    def __init__(
        self,
        servers: Sequence[ProjectServer],
        timeline: Timeline,
        patience: Patience,
        accounts: Accounts,
    ) -> None:
        super().__init__(servers, timeline, patience=patience)
        self._accounts = accounts

    async def connect(self, path: str, **options: Any) -> Connection:
        """Open a WebSocket on the next process, with the token of `who`."""
        token = self._accounts.token_of(options["who"])
        return await super().connect(path, headers=bearer(token), **options)


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
