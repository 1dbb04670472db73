"""The link between one process and its Redis, on which what it asks can be held for a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Link:
    """Passes everything on, both ways; `url` is the address of the Redis by this link."""

    def __init__(self, redis_url: str) -> None:
        self._place = urlsplit(redis_url)
        self._tasks: set[asyncio.Task[None]] = set()
        self._until_held = 0
        self._held, self._released = asyncio.Event(), asyncio.Event()
        self.url = ""

    def hold(self, number: int) -> None:
        """Hold what is asked next (1), or after that (2 …), until it is released."""
        self._until_held = number
        self._held.clear()
        self._released.clear()

    async def is_held(self) -> None:
        """Wait until it is there."""
        await self._held.wait()

    def release(self) -> None:
        """Pass it on, or hold nothing where nothing was asked so often."""
        self._until_held = 0
        self._released.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_connection(self._place.hostname, self._place.port)
        for way in (self._ask(reader, questions), _pass_on(answers, writer)):
            task = asyncio.create_task(way)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while content := await reader.read(2**16):
                self._until_held -= 1
                if self._until_held == 0:
                    self._held.set()
                    await self._released.wait()
                writer.write(content)
        writer.close()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Link"]:
        """Be there, on a port of its own."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        netloc = self._place.netloc.replace(f":{self._place.port}", f":{port}")
        self.url = self._place._replace(netloc=netloc).geturl()
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while content := await reader.read(2**16):
            writer.write(content)
    writer.close()
