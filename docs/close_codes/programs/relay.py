"""A relay of TCP between a client and a server: what a network does to a connection, done at will."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator


class Relay:
    """Passes on what comes, both ways, until it is told otherwise; for one connection."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._writers: list[asyncio.StreamWriter] = []
        self._passing: list[asyncio.Task[None]] = []
        #: Pieces that the client may still send; None: any number.
        self._pieces_up: int | None = None
        #: Bytes that the server may still send; None: any number.
        self._bytes_down: int | None = None

    async def serve(
        self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        """Pass on one connection."""
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        self._writers = [to_client, to_server]
        self._passing = [
            asyncio.create_task(self._pass_up(from_client, to_server)),
            asyncio.create_task(self._pass_down(from_server, to_client)),
        ]
        await asyncio.wait(self._passing)

    async def _pass_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if self._pieces_up == 0:
                    continue
                if self._pieces_up is not None:
                    self._pieces_up -= 1
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _pass_down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if self._bytes_down is not None and len(data) > self._bytes_down:
                    self.reset()
                    return
                if self._bytes_down is not None:
                    self._bytes_down -= len(data)
                writer.write(data)
                await writer.drain()
        writer.close()

    def pass_the_handshake_only(self) -> None:
        """Let nothing that the client sends get to the server, but for its request."""
        self._pieces_up = 1

    def break_after(self, size: int) -> None:
        """Break both connections when the server has sent so many bytes."""
        self._bytes_down = size

    def end(self) -> None:
        """End both connections as a program that was killed does: FIN, and no close frame."""
        for writer in self._writers:
            writer.close()

    def reset(self) -> None:
        """Break both connections: RST."""
        for writer in self._writers:
            linger = struct.pack("ii", 1, 0)
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    def stop(self) -> None:
        """End all of it."""
        for task in self._passing:
            task.cancel()
        self.end()


@contextlib.asynccontextmanager
async def relayed(port: int) -> AsyncIterator[tuple[Relay, int]]:
    """Give a relay in front of the server at `port`, and the port of its own."""
    relay = Relay(port)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    try:
        yield relay, server.sockets[0].getsockname()[1]
    finally:
        relay.stop()
        server.close()
