"""The upstream that a checked project calls: it answers when the check says so.

A request waits in it until it is answered, so a check can see how many wait there together: a
rendezvous, which proves that calls are made at once without looking at a clock.
"""

import asyncio
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from ..language import _, plural
from .agreement import Departure
from .client import PATIENCE


@dataclass
class Call:
    """A request that waits in the upstream. It is answered once, by the check."""

    path: str
    query: dict[str, list[str]]
    _answered: threading.Event = field(default_factory=threading.Event)
    _answer: tuple[int, bytes] = (503, b"{}")

    def answer(self, content: object, status: int = 200) -> None:
        """Let the request go with `content` as JSON."""
        self._answer = status, json.dumps(content).encode()
        self._answered.set()


class Upstream:
    """An HTTP server on a free loopback port, in threads of this process."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._arrival = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """The address that the project is given."""
        return f"http://127.0.0.1:{self._server.server_port}"

    async def waiting(self, count: int) -> list[Call]:
        """Return the calls once `count` wait here together. Raises Departure if they never do."""
        together = await asyncio.to_thread(self._wait_for, count)
        if len(together) < count:
            agreed = plural(
                "{count} request waits in the upstream at once",
                "{count} requests wait in the upstream at once",
                count,
            )
            raise Departure(agreed, _("there were {count}", count=len(together)))
        return together

    def _wait_for(self, count: int) -> list[Call]:
        with self._arrival:
            self._arrival.wait_for(lambda: len(self._waiting()) >= count, PATIENCE)
            return self._waiting()

    def _waiting(self) -> list[Call]:
        return [call for call in self._calls if not call._answered.is_set()]

    def let_go(self) -> None:
        """Answer whatever still waits with 503: the check is over."""
        with self._arrival:
            for call in self._waiting():
                call.answer({}, status=503)
            self._calls.clear()

    def close(self) -> None:
        """Stop listening."""
        self.let_go()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                call = Call(url.path, parse_qs(url.query))
                with upstream._arrival:
                    upstream._calls.append(call)
                    upstream._arrival.notify_all()
                # Twice as patient as the check: the check's own wait ends first.
                call._answered.wait(2 * PATIENCE)
                status, body = call._answer
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *values: object) -> None:
                pass  # the timeline tells what matters

        return Handler
