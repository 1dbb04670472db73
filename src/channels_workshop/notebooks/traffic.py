"""Bytes on the wire: the same news over four ways, through a relay that keeps what passes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedOK

from ..language import _
from .drawing import AMBER, BLUE, Drawing, canvas, finish
from .projects import Server, serve_application

Way = Literal["polling", "long polling", "server-sent events", "WebSocket"]

_NEWS = Path(__file__).with_name("overlays") / "news.py"

_PIECE = 65_536


@dataclass
class Traffic:
    """What passed between a client and a server, in both directions, and what of it were messages."""

    sent: bytes = b""
    received: bytes = b""
    messages: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """All bytes, without those that TCP and IP add."""
        return len(self.sent) + len(self.received)

    @property
    def of_messages(self) -> int:
        """The bytes of the messages alone."""
        return sum(len(message.encode()) for message in self.messages)


def serve_news() -> Server:
    """Serve the news: a bare ASGI application that tells them in each of the four ways."""
    return serve_application(_NEWS.read_text(encoding="utf-8"))


async def deliver(news: Server, way: Way, count: int = 100) -> Traffic:
    """Have `count` messages told in one of the ways, and return what that took on the wire.

    To poll means to ask twice for each message: once in vain. In long polling each request has its
    answer, however late. So the bytes are the same whether messages come each second or each hour.
    """
    async with _relay(news) as (host, traffic):
        if way == "WebSocket":
            messages = await _over_websocket(host, count)
        elif way == "server-sent events":
            messages = await _over_events(host, count)
        else:
            messages = await _over_requests(host, count, asks_in_vain=way == "polling")
    traffic.messages = tuple(messages)
    return traffic


def draw_traffic(ways: Mapping[str, Traffic]) -> Drawing:
    """Draw a bar for each way: all its bytes, and within it those of the messages themselves."""
    figure, ax = canvas(0.9 + 0.45 * len(ways))
    for row, traffic in enumerate(ways.values()):
        kilobytes, messages = traffic.total / 1000, traffic.of_messages / 1000
        ax.barh(row, messages, color=BLUE, height=0.6, label=_("messages") if not row else None)
        ax.barh(
            row,
            kilobytes - messages,
            left=messages,
            color=AMBER,
            height=0.6,
            label=_("what else it takes") if not row else None,
        )
        ax.text(kilobytes, row, f" {kilobytes:.1f}", va="center")
    ax.set_yticks(range(len(ways)), list(ways))
    ax.set_ylim(len(ways) - 0.5, -0.5)
    ax.margins(x=0.1)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("kilobytes"))
    ax.legend(loc="lower right")
    alt = [
        _("{name}: {total} bytes, {messages} of them in messages.", **numbers)
        for numbers in (
            {"name": name, "total": traffic.total, "messages": traffic.of_messages}
            for name, traffic in ways.items()
        )
    ]
    return finish(figure, "\n".join(alt))


async def _over_requests(host: str, count: int, *, asks_in_vain: bool) -> list[str]:
    messages = []
    async with httpx.AsyncClient(base_url=f"http://{host}", trust_env=False) as client:
        for number in range(count):
            if asks_in_vain:
                await client.get("/nothing-new/", params={"number": number})
            answer = await client.get("/one/", params={"number": number})
            messages.append(answer.text)
    return messages


async def _over_events(host: str, count: int) -> list[str]:
    async with (
        httpx.AsyncClient(base_url=f"http://{host}", trust_env=False) as client,
        client.stream("GET", "/events/", params={"number": count}) as answer,
    ):
        lines = [line async for line in answer.aiter_lines()]
    return [line.removeprefix("data: ") for line in lines if line]


async def _over_websocket(host: str, count: int) -> list[str]:
    messages = []
    # Each message is alike but for a number: compressed, it would be next to nothing.
    address = f"ws://{host}/socket/?number={count}"
    async with connect(address, proxy=None, compression=None) as socket:
        try:
            while True:
                messages.append(str(await socket.recv()))
        except ConnectionClosedOK:
            return messages


@asynccontextmanager
async def _relay(server: Server) -> AsyncIterator[tuple[str, Traffic]]:
    """Yield the address of a relay before `server`, and what passes it; complete when this has ended."""
    traffic = Traffic()
    served: list[asyncio.Task[None]] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())  # type: ignore[arg-type]
        ours, theirs = await asyncio.open_connection(*server.host.split(":"))
        async with asyncio.TaskGroup() as both:
            both.create_task(_pump(reader, theirs, traffic, "sent"))
            both.create_task(_pump(ours, writer, traffic, "received"))

    relay = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    host, port = relay.sockets[0].getsockname()[:2]
    async with relay:
        yield f"{host}:{port}", traffic
        await asyncio.gather(*served)


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    traffic: Traffic,
    direction: Literal["sent", "received"],
) -> None:
    while piece := await reader.read(_PIECE):
        setattr(traffic, direction, getattr(traffic, direction) + piece)
        writer.write(piece)
        await writer.drain()
    writer.close()
