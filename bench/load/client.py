"""The load client of `bench chat`: many clients in one room, some of them closed-loop senders.

    python client.py URL --clients 200 --senders 2 --seconds 5 [--header NAME=VALUE]...

A sender sends its next message when its last one has come back to it. Prints one JSON document:
`deliveries` a second, `median` and `p99` of the time from send to delivery in milliseconds, `sent`
messages, `lost` deliveries. The handshake is `websockets`' own; frames are read by hand, since a
client that is busier than the server would measure itself.
"""

import argparse
import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field

from websockets.client import ClientProtocol
from websockets.uri import parse_uri

#: Seconds after which what must come is given up as lost.
PATIENCE = 20.0
#: Seconds until all who have joined are quiet: each join may be told to everybody who is there.
SETTLING = 180.0
#: How many connect at the same time.
AT_ONCE = 5

TEXT, CLOSE, PING = 1, 8, 9


@dataclass
class Record:
    """What is measured: when each message was sent, and how long each delivery of it took."""

    sent_at: dict[str, float] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    last_delivery: float = 0.0


class Client(asyncio.Protocol):
    """One connection to the room."""

    def __init__(self, url: str, headers: dict[str, str], record: Record):
        self._protocol = ClientProtocol(parse_uri(url))
        self._headers = headers
        self._record = record
        self._buffer = bytearray()
        self._is_open = False
        self._awaited = ""
        self._has_come = asyncio.Event()
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed = asyncio.Event()

    async def hear(self, message: str, patience: float) -> None:
        """Wait until `message` has come. Raises TimeoutError where it does not."""
        self._awaited = message
        self._has_come.clear()
        await asyncio.wait_for(self._has_come.wait(), patience)

    async def say(self, message: str, patience: float) -> None:
        """Send `message` and wait until it has come back."""
        self._protocol.send_text(json.dumps({"message": message}).encode())
        self._flush()
        await self.hear(message, patience)

    async def close(self) -> None:
        """Close the connection as a browser does, so that the server has nothing to complain of."""
        self._protocol.send_close(1000)
        self._flush()
        await asyncio.wait_for(self.closed.wait(), PATIENCE)

    # ---- Called by the event loop.

    def connection_made(self, transport) -> None:
        self._transport = transport
        request = self._protocol.connect()
        for name, value in self._headers.items():
            request.headers[name] = value
        self._protocol.send_request(request)
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set()
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed before it was open"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open:
            head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not end:
                return
            status = head.partition(b"\r\n")[0].decode()
            if " 101 " not in status:
                self.opened.set_exception(ConnectionError(status))
                self._transport.close()
                return
            self._protocol.receive_data(head + end)
            self._is_open = True
            self._buffer[:] = rest
            self.opened.set_result(None)
        self._read_frames()

    def _read_frames(self) -> None:
        """Read what has come in full. A server's frames are not masked; ours are not fragmented."""
        buffer, at, now = self._buffer, 0, time.perf_counter()
        while len(buffer) >= at + 2:
            size, begin = buffer[at + 1], at + 2
            if size > 125:
                begin += 2 if size == 126 else 8
                size = int.from_bytes(buffer[at + 2 : begin], "big")
            if len(buffer) < begin + size:
                break
            kind, content = buffer[at] & 15, bytes(buffer[begin : begin + size])
            at = begin + size
            if kind == TEXT:
                self._take(content, now)
            elif kind == PING:
                self._protocol.send_pong(content)
                self._flush()
            elif kind == CLOSE:
                self._transport.close()
        del buffer[:at]

    def _take(self, content: bytes, now: float) -> None:
        message = json.loads(content).get("message")
        if message == self._awaited:
            self._has_come.set()
        if (sent_at := self._record.sent_at.get(message)) is not None:
            self._record.latencies.append(now - sent_at)
            self._record.last_delivery = now

    def _flush(self) -> None:
        self._transport.write(b"".join(self._protocol.data_to_send()))


async def connect(url: str, headers: dict[str, str], count: int, record: Record) -> list[Client]:
    """Return `count` clients, all of them accepted."""
    uri = parse_uri(url)
    loop = asyncio.get_running_loop()
    at_once = asyncio.Semaphore(AT_ONCE)

    async def one() -> Client:
        async with at_once:
            _transport, client = await loop.create_connection(
                lambda: Client(url, headers, record), uri.host, uri.port
            )
            await asyncio.wait_for(client.opened, SETTLING)
            return client

    return await asyncio.gather(*(one() for _each in range(count)))


async def all_hear(speaker: Client, everybody: list[Client], message: str, patience: float) -> None:
    """Have one client say what all wait for."""
    others = [client.hear(message, patience) for client in everybody if client is not speaker]
    await asyncio.gather(*others, speaker.say(message, patience))


async def measure(
    url: str, headers: dict[str, str], clients: int, senders: int, seconds: float
) -> dict[str, float]:
    """Return the document that is printed."""
    record = Record()
    everybody = await connect(url, headers, clients, record)
    speakers = everybody[:senders]
    # Once all have heard it, whatever the joining has caused is over.
    try:
        await all_hear(everybody[-1], everybody, "ready", SETTLING)
    except TimeoutError:
        raise SystemExit(
            f"{clients} have joined, and are not quiet after {SETTLING:g} s."
        ) from None
    begun = time.perf_counter()

    async def talk(speaker: Client, name: int) -> None:
        number = 0
        while time.perf_counter() < begun + seconds:
            number += 1
            message = f"{name}:{number}"
            record.sent_at[message] = time.perf_counter()
            await speaker.say(message, PATIENCE)

    # A message that does not come back ends its sender's talk, and counts as lost.
    talks = (talk(speaker, name) for name, speaker in enumerate(speakers))
    await asyncio.gather(*talks, return_exceptions=True)
    for name, speaker in enumerate(speakers):
        # What one sender has said comes in order: what is not there by now is lost.
        try:
            await all_hear(speaker, everybody, f"{name}:over", PATIENCE)
        except TimeoutError:
            break
    await asyncio.gather(*(client.close() for client in everybody), return_exceptions=True)
    sent, delivered = len(record.sent_at), len(record.latencies)
    if delivered < 2:
        raise SystemExit(f"Of {sent} messages to {clients} clients {delivered} arrived.")
    percentiles = statistics.quantiles(record.latencies, n=100)
    return {
        "deliveries": delivered / (record.last_delivery - begun),
        "median": percentiles[49] * 1000,
        "p99": percentiles[98] * 1000,
        "sent": sent,
        "lost": sent * clients - delivered,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--senders", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--header", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    headers = dict(header.split("=", 1) for header in given.header)
    document = asyncio.run(measure(given.url, headers, given.clients, given.senders, given.seconds))
    print(json.dumps(document))


if __name__ == "__main__":
    main()
