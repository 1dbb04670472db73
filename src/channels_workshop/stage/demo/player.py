"""A named client on the scene: one WebSocket at a time, pages, and cookies as a browser keeps them."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...judging.client import Client, Closed, Connection, Refused
from ...judging.mismatch import Mismatch
from ...judging.patience import Patience
from ...judging.timeline import Kind, Timeline
from ...processes.project import ProjectServer
from .bell import Bell
from .events import AnyEvent, Asks, Opened, Told

if TYPE_CHECKING:
    import httpx

Tell = Callable[[AnyEvent], None]
Frame = Mapping[str, str | int] | str

#: Seconds. Who waits for a client has less patience than the client itself.
_NO_HURRY = Patience(3600)


class ToldTimeline(Timeline):
    """A timeline of which each moment is told at once."""

    def __init__(self, server: str, tell: Tell) -> None:
        super().__init__()
        self._server, self._tell = server, tell

    def note(self, who: str, what: Kind, frame: object = "") -> None:
        super().note(who, what, frame)
        self._tell(Told(self._server, self.moments[-1]))


class Player:
    """The client `name`. What it has met is kept here, until it connects, or asks, anew.

    `received` are all frames so far, of which outcomes have `seen` so many. `closed_with` and
    `refused_with` are a code and a status; `answer` is the last page that it asked for, by the
    path `asked`.
    """

    def __init__(self, name: str, tell: Tell, bell: Bell) -> None:
        self.name = name
        self.server = ""
        self.cookies: dict[str, str] = {}
        self.received: list[str | bytes] = []
        self.seen = 0
        self.closed_with: int | None = None
        self.refused_with: int | None = None
        self.answer: httpx.Response | None = None
        self.asked = ""
        self._connection: Connection | None = None
        self._clients: list[Client] = []
        self._listening: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._tell, self._bell = tell, bell

    @property
    def is_open(self) -> bool:
        """Whether its WebSocket is open, as far as it knows."""
        return self._connection is not None

    async def connect(
        self,
        name: str,
        server: ProjectServer,
        path: str,
        origin: str,
        cookies: Mapping[str, str],
    ) -> None:
        """Open a WebSocket on the server that is called `name`; a refusal is noted, too."""
        await self._hang_up()
        self.server, self.closed_with, self.refused_with = name, None, None
        headers = {"Cookie": _header(cookies)} if cookies else {}
        try:
            connection = await self._client(server).connect(path, origin=origin, headers=headers)
        except Refused as refused:
            self.refused_with = refused.status
            self._bell.ring()
            return
        self._connection = connection
        self._tell(Opened(self.name, name))
        self._listening = asyncio.create_task(self._listen(connection))

    async def _listen(self, connection: Connection) -> None:
        try:
            while True:
                self.received.append(await connection.receive())
                self._bell.ring()
        except Closed as closed:
            self._connection, self.closed_with = None, closed.code
            self._bell.ring()

    async def send(self, frame: str | dict[str, str]) -> None:
        """Send a frame. Raises Mismatch where the connection is not open."""
        if self._connection is None:
            raise Mismatch("an open connection", "the connection is closed")
        await self._connection.send(dict(frame) if isinstance(frame, dict) else frame)

    async def close(self) -> None:
        """Close the WebSocket politely."""
        if connection := await self._stop_listening():
            await connection.close()

    async def drop(self) -> None:
        """Break the connection off, as a lost network does."""
        if connection := await self._stop_listening():
            connection.abort()

    async def ask(
        self, name: str, server: ProjectServer, method: str, path: str, form: Mapping[str, str]
    ) -> None:
        """Ask for a page of the server that is called `name`, and take the cookies that come."""
        self.server, self.asked, self.answer = name, path, None
        self._tell(Asks(self.name, name, path))
        client = self._client(server)
        headers = {"Cookie": _header(self.cookies)} if self.cookies else {}
        with contextlib.suppress(Mismatch):  # the server is gone: no answer
            if method == "POST":
                secret = self.cookies.get("csrftoken")
                fields = {**form, **({"csrfmiddlewaretoken": secret} if secret else {})}
                self.answer = await client.post(path, data=fields, headers=headers)
            else:
                self.answer = await client.get(path, headers=headers)
        self.cookies |= client.cookies
        self._bell.ring()

    def ask_later(self, name: str, server: ProjectServer, path: str) -> None:
        """Ask for a page, and let the answer come when it comes."""
        self._asking = asyncio.create_task(self.ask(name, server, "GET", path, {}))

    def next_is(self, wanted: Frame) -> bool:
        """Return whether the next frame that no outcome has seen, and that is there, is `wanted`."""
        self.seen += 1
        return is_like(self.received[self.seen - 1], wanted)

    def count(self, wanted: Frame) -> int:
        """Return how many frames like `wanted` have come so far."""
        return sum(is_like(frame, wanted) for frame in self.received)

    async def leave(self) -> None:
        """End it all without a word: the scene is over."""
        await self._stop_listening()
        if self._asking:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        for client in self._clients:
            await client.leave()

    async def _hang_up(self) -> None:
        if connection := await self._stop_listening():
            await connection.end()

    async def _stop_listening(self) -> Connection | None:
        """Return the connection, which is ours alone again, or None."""
        connection, self._connection = self._connection, None
        if self._listening:
            self._listening.cancel()
            await asyncio.wait([self._listening])
            self._listening = None
        return connection

    def _client(self, server: ProjectServer) -> Client:
        timeline = ToldTimeline(self.server, self._tell)
        client = Client(server, timeline, self.name, _NO_HURRY)
        self._clients.append(client)
        return client


def is_like(frame: str | bytes, wanted: Frame) -> bool:
    """Return whether `frame` is the text `wanted`, or a JSON object with the same under its keys."""
    if isinstance(wanted, str) or isinstance(frame, bytes):
        return frame == wanted
    try:
        content = json.loads(frame)
    except ValueError:
        return False
    return isinstance(content, dict) and wanted.items() <= content.items()


def _header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
