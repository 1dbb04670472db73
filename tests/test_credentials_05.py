"""Ten thousand generated credentials against lesson 05: never a 500, never let in, never logged.

They go over raw sockets: no client library stands between what is generated and the server. What
the server itself does not take in is not thrown: uvicorn 0.54 with websockets 17 leaves a handshake
unanswered that has a control character in a header, or a line over 8 KiB.
"""

import asyncio
import base64
import json
import random
from collections import Counter
from urllib.parse import quote

import pytest

from channels_workshop.chat_checks.accounts import Accounts, Door, Shown
from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.client import Client
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.supervisor import Supervisor

NUMBER = 10_000
AT_ONCE = 40
SEED = 5
LONGEST = 8_000
SIZES = [0, 1, 2, 3, 8, 43, 44, 100, 1_000, LONGEST]
CONTROL_CHARACTERS = bytes({*range(32), 127} - {ord("\t")})


class Generator:
    """Handshakes with credentials that are none, from good ones spoilt to mere noise."""

    def __init__(self, source, tokens, ticket):
        self.random = source
        self.tokens = [token.encode() for token in tokens]
        self.ticket = ticket.encode()

    def noise(self):
        """Return random bytes, of a size that somebody may not have thought of."""
        size = self.random.choice(SIZES)
        letters = self.random.choice([range(256), range(0x80, 0x100), range(0x20, 0x7F)])
        return bytes(self.random.choices(letters, k=size))

    def spoilt(self, secret):
        """Return a good secret with one thing wrong."""
        at = self.random.randrange(len(secret))
        return self.random.choice(
            [
                secret[:at],
                secret + secret,
                secret + bytes([self.random.randrange(0x21, 0x7F)]),
                secret[:at] + bytes([secret[at] ^ 1]) + secret[at + 1 :],
                secret.swapcase(),
                secret[::-1],
                base64.b64encode(secret),
                b'"' + secret + b'"',
                secret + b"\xc2\xa0x",
            ]
        )

    def header(self):
        """Return the value of an `Authorization` header."""
        secret = self.spoilt(self.random.choice(self.tokens))
        shown = self.random.choice([secret, secret, self.noise()])
        scheme = self.random.choice(
            [b"Bearer ", b"Bearer ", b"bearer  ", b"Basic ", b"Bearer", b"Token ", b"", b"Bearer\t"]
        )
        return (scheme + shown).translate(None, CONTROL_CHARACTERS)[:LONGEST]

    def query(self):
        """Return a query string, mostly with a ticket."""
        shown = self.random.choice(
            [self.spoilt(self.ticket), self.spoilt(self.ticket), self.noise()]
        )
        written = self.random.choice(
            [
                quote(shown, safe="").encode(),
                b"".join(b"%%%02X" % byte for byte in shown),
                bytes(byte for byte in shown if 0x21 <= byte < 0x7F and byte not in b"#&"),
                b"%ED%A0%80" + quote(shown[:100]).encode(),
                b"%" + quote(shown[:100]).encode(),
                b"%C0%AF%00%u0041",
            ]
        )
        name = self.random.choice([b"ticket", b"ticket", b"ticket", b"%74icket", b"ticket[]", b"t"])
        return self.random.choice(
            [
                name + b"=" + written,
                name,
                name + b"=" + written + b"&" + name + b"=" + written,
                b"a=%FF&" * self.random.randrange(1_200) + name + b"=" + written,
                name + b"==" + written,
                written,
            ]
        )

    def handshake(self, host):
        """Return the bytes of a handshake, and the header values in it."""
        values, query = [], b""
        kind = self.random.choice(["header", "header", "query", "query", "headers", "both"])
        if kind != "query":
            values = [self.header() for _ in range(2 if kind == "headers" else 1)]
        if kind in ("query", "both"):
            query = b"?" + self.query()[:LONGEST]
        lines = [
            b"GET /ws/chat/tea/" + query + b" HTTP/1.1",
            b"Host: " + host.encode(),
            b"Origin: http://" + host.encode(),
            b"Connection: Upgrade",
            b"Upgrade: websocket",
            b"Sec-WebSocket-Version: 13",
            b"Sec-WebSocket-Key: " + base64.b64encode(self.random.randbytes(16)),
            *(b"Authorization: " + value for value in values),
        ]
        return b"\r\n".join(lines) + b"\r\n\r\n", values


async def answer(host, port, request):
    """Return what comes back: a status, then the frames' contents up to a close where it is 101."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status = head.split(maxsplit=2)[1].decode()
        frames = []
        while status == "101" and not (frames and isinstance(frames[-1], int)):
            frames.append(await next_frame(reader))
    except (ConnectionError, asyncio.IncompleteReadError):
        return "hung up", []
    finally:
        writer.close()
    return status, frames


async def next_frame(reader):
    """Return the next frame of a server, small and not masked: a text, or the code of a close."""
    opcode, size = await reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2))
    payload = await reader.readexactly(size)
    return int.from_bytes(payload[:2]) if opcode & 0x0F == 8 else payload.decode()


@pytest.mark.on_demand
async def test_ten_thousand_bad_credentials(tmp_path):
    project, log = tmp_path / "project", tmp_path / "log"
    write_project(find_lesson("05"), project)
    with Supervisor() as supervisor:
        options = ServerOptions(migrate=True, environment={"TICKET_SECONDS": "3600"})
        server = supervisor.serve(project, log, options)
        accounts, client = Accounts(supervisor, project), Client(server, Timeline())
        door = Door(client, accounts)
        ticket = await door.ticket("tea")
        generator = Generator(random.Random(SEED), accounts.tokens, ticket)
        came, headers = Counter(), list(accounts.tokens)
        host = f"{server.host}:{server.port}"

        async def throw(number):
            for _ in range(number):
                request, values = generator.handshake(host)
                headers.extend(value.decode("latin-1") for value in values)
                status, frames = await answer(server.host, server.port, request)
                came[status] += 1
                if status == "101":
                    (frame, code) = frames
                    refusal = json.loads(frame)
                    assert (refusal["type"], refusal["code"], code) == (
                        "error",
                        "unauthorized",
                        4401,
                    )
                else:
                    assert status == "hung up" or status.startswith("4"), request[:200]

        await asyncio.gather(*(throw(NUMBER // AT_ONCE) for _ in range(AT_ONCE)))
        # The server is not worn out, and the ticket that was spoilt so often is still good.
        await door.lets_in("ann", "tea", Shown("a ticket", query=f"ticket={ticket}"), "hi")
        await client.leave()
        printed = server.log_since(0)
        server.stop()
    print(f"\n{dict(came)}")
    assert sum(came.values()) == NUMBER
    assert came["101"] > NUMBER // 2
    assert "Traceback" not in printed
    # A header is shown in no line. Short ones would be found by chance.
    assert not [value for value in headers if len(value) >= 16 and value in printed]
