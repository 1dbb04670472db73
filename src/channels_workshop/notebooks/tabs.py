"""Tabs of a chat: one WebSocket each, as the chat's page opens it."""

import asyncio
import json
import secrets
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ..language import _
from .drawing import BLUE, Drawing, canvas, finish
from .projects import Server

T = TypeVar("T")

#: Seconds for which we wait for a frame that has to come.
_PATIENCE = 20.0


@dataclass(frozen=True)
class Count:
    """A count as a tab was shown it."""

    people: int
    tabs: int


@dataclass
class Tab:
    """One open tab; `counts` are those that it has been shown, as far as they were read."""

    socket: ClientConnection
    counts: list[Count] = field(default_factory=list)

    async def frame(self) -> dict[str, Any]:
        """Return the next frame, whatever it is. Raises ConnectionClosed, and TimeoutError."""
        frame: dict[str, Any] = json.loads(await _soon(self.socket.recv()))
        if frame.get("type") == "online_count":
            self.counts.append(Count(frame["count"], frame["tabs"]))
        return frame

    async def shown(self) -> Count:
        """Return the next count that this tab is shown."""
        while (await self.frame()).get("type") != "online_count":
            pass
        return self.counts[-1]

    async def sees(self, people: int) -> None:
        """Read on until this tab is shown so many people."""
        while (await self.shown()).people != people:
            pass

    async def heard(self) -> dict[str, Any]:
        """Return the next frame that is no count."""
        while (frame := await self.frame()).get("type") == "online_count":
            pass
        return frame

    async def say(self, message: str) -> None:
        """Send a message."""
        await self.socket.send(json.dumps({"message": message}))

    async def close(self) -> None:
        """Close it, as a browser does."""
        await self.socket.close()

    def drop(self) -> None:
        """Drop out of the network, without a word."""
        self.socket.transport.abort()

    async def ended(self) -> int:
        """Wait until the server has ended it; return the code with which it did."""
        try:
            while True:
                await self.frame()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


async def join(
    server: Server,
    room: str,
    *,
    query: str = "",
    headers: dict[str, str] | None = None,
    origin: str | None = None,
) -> Tab:
    """Open a room in a new tab, with `headers` of one's own. Its `Origin` is the server's page.

    Raises InvalidStatus where the handshake is refused.
    """
    address = f"ws://{server.host}/ws/chat/{quote(room, safe='')}/{query}"
    # A proxy knows nothing of this machine's own addresses.
    socket = await _soon(
        _open(address, additional_headers=headers, origin=origin or server.origin, proxy=None)
    )
    return Tab(socket)


async def _open(address: str, **options: Any) -> ClientConnection:
    return await connect(address, ping_interval=None, **options)


async def _soon(awaited: Coroutine[Any, Any, T]) -> T:
    async with asyncio.timeout(_PATIENCE):
        return await awaited


def draw_counts(tabs: Sequence[Tab]) -> Drawing:
    """Draw a line for each tab: how many people it was shown, frame by frame."""
    figure, ax = canvas(2.6)
    for tab in tabs:
        people = [count.people for count in tab.counts]
        frames = range(1, len(people) + 1)
        ax.plot(frames, people, "o-", color=BLUE, alpha=0.5, markersize=4, markevery=[-1])
    ax.set_xlabel(_("frames with a count, for each tab"))
    ax.set_ylabel(_("people shown"))
    ax.set_ylim(bottom=0)
    ax.set_xlim(left=0)
    return finish(
        figure,
        _(
            "{count} tabs. In the end each is shown {last} people.",
            count=len(tabs),
            last=max(count.people for tab in tabs for count in tab.counts),
        ),
    )


async def knock(
    server: Server,
    room: str = "tea",
    *,
    query: str = "",
    headers: dict[str, str] | None = None,
    origin: str | None = None,
) -> str:
    """Try to come in, say something, and go: return under which name that was said.

    Else the code of the error frame and of the close, such as `unauthorized, 4401`, or the status
    with which the handshake was refused, such as `HTTP 403`.
    """
    try:
        tab = await join(server, room, query=query, headers=headers, origin=origin)
    except InvalidStatus as refused:
        return f"HTTP {refused.response.status_code}"
    frame = await tab.frame()
    if frame["type"] == "error":
        return f"{frame['code']}, {await tab.ended()}"
    await tab.say(mine := secrets.token_hex(4))
    while (heard := await tab.heard())["message"] != mine:
        pass
    await tab.close()
    name: str = heard["user"]
    return name
