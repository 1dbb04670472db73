"""Takes in what watched servers tell, and puts the watching in front of them."""

import asyncio
import itertools
import secrets
import socket
from dataclasses import replace

import msgpack

from ...language import message
from ...processes.options import ServerOptions
from ...processes.ports import HOST
from . import inside
from .events import read_noted
from .recording import Recording

#: Bytes that are taken in at once.
_AT_ONCE = 2**16
#: Servers that may wait for us to listen to them.
_QUEUE = 64


class Collector:
    """Listens to servers that `watched` was asked about; what they tell goes to `recording`.

    Servers may start before `open`; they are heard from then on. Use `open` and `close` in one loop.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._secret = secrets.token_hex()
        self._numbers = itertools.count(1)
        self._listener = socket.create_server((HOST, 0), backlog=_QUEUE)
        self._server: asyncio.Server | None = None
        self._listening: set[asyncio.Task[None]] = set()

    def watched(self, options: ServerOptions, name: str = "") -> ServerOptions:
        """Return `options` for one server that is watched, under that name, or a new one."""
        port = self._listener.getsockname()[1]
        name = name or str(message("server {number}", number=next(self._numbers)))
        fronts = f"{options.in_front} {inside.__name__}:in_front"
        front = replace(options, in_front=fronts)
        return front.adding({inside.VARIABLE: f"{port} {self._secret} {name}"})

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._listen, sock=self._listener)

    async def close(self) -> None:
        """Listen to nobody any more."""
        for task in self._listening:
            task.cancel()
        if self._server is None:
            self._listener.close()
        else:
            self._server.close()
            await self._server.wait_closed()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._listening.add(task)
        try:
            secret, _, name = (await reader.readline()).strip().partition(b" ")
            if secrets.compare_digest(secret, self._secret.encode()):
                await self._take_in(reader, name.decode())
        except (OSError, EOFError, ValueError, asyncio.CancelledError):
            pass  # it has ended, or says what nothing of ours says
        finally:
            self._listening.discard(task)
            writer.close()

    async def _take_in(self, reader: asyncio.StreamReader, who: str) -> None:
        numbers, told = itertools.count(1), msgpack.Unpacker()
        while content := await reader.read(_AT_ONCE):
            told.feed(content)
            self.recording.add([one.event(who, next(numbers)) for one in read_noted(told)])
