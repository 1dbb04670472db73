"""The two who visit: a program that uses the package `websockets`, and a page in a real browser.

Each tells what it sees of the end: `{"status"}`, the HTTP status of a refused handshake; `{"code",
"reason"}`; or `{"error"}`, where the handshake had no answer. Not the browser's `wasClean`: where a
server ends TCP right after its close frame, it may be either.
"""

from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.frames import Opcode

Seen = dict[str, Any]


class Program:
    """A client of the package `websockets`."""

    who = "program"
    tab: ClientConnection

    async def open(
        self, url: str, *, origin: str | None = None, max_size: int | None = None
    ) -> Seen | None:
        """Connect; return what is seen where that fails, else None."""
        try:
            self.tab = await connect(
                url,
                origin=origin,
                max_size=max_size,
                proxy=None,
                compression=None,
                ping_interval=None,
            )
        except InvalidStatus as refused:
            return {"status": refused.response.status_code}
        except (InvalidMessage, OSError) as error:
            return {"error": type(error).__name__}
        return None

    async def send(self, text: str) -> None:
        await self.tab.send(text)

    async def send_bad_text(self) -> None:
        """Send a frame that says it is text, and is no UTF-8."""
        await self.tab.send(b"\xff", text=True)

    async def send_bad_frame(self) -> None:
        """Send a frame of a kind that does not exist."""
        self.tab.transport.write(bytes([0x80 | max(Opcode) + 1, 0x80, 0, 0, 0, 0]))

    async def close(self, *code: int) -> None:
        await self.tab.close(*code)

    async def ended(self) -> Seen:
        """Wait for the end; return what is seen of it."""
        try:
            while True:
                await self.tab.recv()
        except ConnectionClosed:
            return {"code": int(self.tab.close_code or 0), "reason": self.tab.close_reason or ""}


class Page:
    """A page in a browser; `page` is Playwright's."""

    who = "browser"

    def __init__(self, page: Any) -> None:
        self.page = page

    async def open(self, url: str, *, origin: str | None = None) -> Seen | None:
        """Connect from a page of the origin that the browser is at; return None once it is open."""
        is_open = await self.page.evaluate(
            """url => new Promise(resolve => {
                socket = new WebSocket(url);
                ended = new Promise(end => {
                    socket.onclose = ({code, reason}) => end({code, reason});
                });
                socket.onopen = () => resolve(true);
                ended.then(() => resolve(false));
            })""",
            url,
        )
        return None if is_open else await self.ended()

    async def send(self, text: str) -> None:
        await self.page.evaluate("text => socket.send(text)", text)

    async def close(self, *code: int) -> None:
        await self.page.evaluate("code => socket.close(...code)", list(code))

    async def leave(self) -> None:
        """Follow a link to another page."""
        await self.page.goto("about:blank")

    async def ended(self) -> Seen:
        return await self.page.evaluate("ended")
