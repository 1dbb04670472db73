"""A gate between two programs: it passes on what they say, holds it back, or cuts them off."""

import asyncio

from .ports import HOST

_AT_ONCE = 2**16


class Gate:
    """Listens on a free loopback port, and passes everything on to `target`, both ways."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._is_open, self._is_closed = asyncio.Event(), asyncio.Event()
        self._is_open.set()
        self._until_closed = 0
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Begin to listen; return the port."""
        self._server = await asyncio.start_server(self._pass_on, HOST, 0)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Hold back what comes from now on."""
        self._is_open.clear()
        self._is_closed.set()

    def close_before(self, number: int) -> None:
        """Close when the target is asked something the `number`-th time from now; 1 is the next."""
        self._until_closed = number

    async def closed(self) -> None:
        """Wait until it is closed."""
        await self._is_closed.wait()

    def open(self) -> None:
        """Pass on what was held back, and what comes."""
        self._until_closed = 0
        self._is_closed.clear()
        self._is_open.set()

    async def end(self) -> None:
        """Cut everybody off."""
        if self._server:
            self._server.close()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._passing.add(task)
        try:
            there, back = await asyncio.open_connection(HOST, self._target)
            try:
                ways = self._one_way(reader, back, is_asking=True), self._one_way(there, writer)
                await asyncio.wait(
                    [asyncio.ensure_future(way) for way in ways],
                    return_when=asyncio.FIRST_COMPLETED,
                )
            finally:
                back.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._passing.discard(task)

    async def _one_way(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_asking: bool = False
    ) -> None:
        try:
            while content := await reader.read(_AT_ONCE):
                if is_asking and self._until_closed:
                    self._until_closed -= 1
                    if not self._until_closed:
                        self.close()
                await self._is_open.wait()
                writer.write(content)
                await writer.drain()
        except OSError:
            pass
