"""Takes the connections away from uvicorn: whatever comes is answered by one coroutine function."""

import asyncio
import base64
import hashlib

import uvicorn.config

answers = None


def answer_all(answer):
    """Have `answer(request, writer)` answer each request: its head, as text, and a StreamWriter."""
    global answers
    answers = answer
    for protocols in (uvicorn.config.HTTP_PROTOCOLS, uvicorn.config.WS_PROTOCOLS):
        protocols["auto"] = f"{__name__}:Raw"
    return answer


class Raw(asyncio.StreamReaderProtocol):
    """A connection to the server, in place of uvicorn's own."""

    def __init__(self, *_given, **_options):
        super().__init__(asyncio.StreamReader(), self._talk)

    async def _talk(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await answers(head.decode("latin-1"), writer)
        except (OSError, asyncio.IncompleteReadError):
            pass


async def accept(request, writer, more=""):
    """Answer the handshake of a WebSocket."""
    key = next(
        line.partition(":")[2].strip()
        for line in request.split("\r\n")
        if line.lower().startswith("sec-websocket-key:")
    )
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n" + more.encode() + b"\r\n"
    )


def is_handshake(request):
    """Tell whether a request wants to become a WebSocket."""
    return "sec-websocket-key:" in request.lower()


async def serve_page(writer, body=b"<p>a page</p>", kind="text/html"):
    """Answer with an ordinary page."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
