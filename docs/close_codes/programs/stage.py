"""A server of the atlas in a process of its own, and what its consumers were told of the end."""

import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from channels_workshop.processes.supervised import start_supervised, stop_supervised

PROGRAM = Path(__file__).with_name("served.py")


class Server:
    """A running `served.py`: where it listens, and what its applications have reported."""

    port: int
    pid: int

    def __init__(self) -> None:
        self._told: dict[str, asyncio.Future[int | str]] = {}
        self._is_ready = asyncio.Event()
        self._is_gone = asyncio.Event()

    async def start(self, kind: str, *options: str) -> None:
        """Start it; return when it accepts. It ends with this process, however that ends."""
        command = [sys.executable, str(PROGRAM), kind, *options]
        self._process = start_supervised(command, output=-1)
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()
        await self._is_ready.wait()
        if not hasattr(self, "port"):
            raise RuntimeError(f"{kind} did not start")

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith(b"{"):
                loop.call_soon_threadsafe(self._take, json.loads(line))
            else:
                print(line.decode(errors="replace"), end="", file=sys.stderr)
        with contextlib.suppress(RuntimeError):  # the loop has ended before it
            loop.call_soon_threadsafe(self._gone)

    def _take(self, document: dict[str, Any]) -> None:
        if "port" in document:
            self.port, self.pid = document["port"], document["pid"]
            self._is_ready.set()
        else:
            told = self._of(document["path"])
            if not told.done():
                told.set_result(document["told"])

    def _gone(self) -> None:
        """After its end, whoever was told nothing so far never will be."""
        self._is_gone.set()
        self._is_ready.set()
        for told in self._told.values():
            if not told.done():
                told.set_result("untold")

    def _of(self, path: str) -> "asyncio.Future[int | str]":
        told = self._told.setdefault(path, asyncio.get_running_loop().create_future())
        if self._is_gone.is_set() and not told.done():
            told.set_result("untold")
        return told

    async def told(self, path: str) -> int | str:
        """Wait until the application at `path` has ended; return what its consumer was told."""
        return await self._of(path)

    async def stop(self) -> None:
        """End it and wait until all that it said has been read."""
        await asyncio.to_thread(stop_supervised, self._process)
        await self._is_gone.wait()


class Stage:
    """What one situation is played on: a server that is shared, or one of its own."""

    def __init__(self, kind: str, server: Server) -> None:
        self.kind = kind
        self._server = server
        self._visited: tuple[Server, str] | None = None
        self._has_consumer = True

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def pid(self) -> int:
        return self._server.pid

    def url(self, name: str, client: Any, port: int | None = None) -> str:
        """Return the address of a consumer, directly or by another port, and remember it."""
        path = f"/{name}/{client.who}-{id(self)}/"
        if self._has_consumer:
            self._visited = (self._server, path)
        return f"ws://127.0.0.1:{port or self.port}{path}"

    def has_no_consumer(self) -> None:
        """Say that nothing gets as far as an application."""
        self._has_consumer = False

    async def told(self) -> int | str:
        """Return what the consumer that was visited was told: see `served.py`."""
        if self._visited is None:
            return "unmade"
        server, path = self._visited
        return await server.told(path)

    @contextlib.asynccontextmanager
    async def another(self, *options: str) -> "AsyncIterator[Stage]":
        """Give a stage with a server of its own; what its consumer is told is what counts here."""
        async with started(self.kind, *options) as server:
            other = Stage(self.kind, server)
            yield other
            await other.told()
            self._visited = other._visited


@contextlib.asynccontextmanager
async def started(kind: str, *options: str) -> AsyncIterator[Server]:
    """Start a server of a kind, and end it afterwards."""
    server = Server()
    await server.start(kind, *options)
    try:
        yield server
    finally:
        await server.stop()
