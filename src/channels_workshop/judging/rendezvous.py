"""A rendezvous for requests: an HTTP server that answers when the check says so.

A request waits in it until it is answered, so a check can see how many wait there together. That
proves that calls are made concurrently, without looking at a clock.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from ..language import counted, message
from .mismatch import RanOut
from .patience import AT_FIRST, Patience


@dataclass
class Call:
    """A request that waits in the upstream. It is answered once, by the check."""

    path: str
    query: dict[str, list[str]]
    _answered: threading.Event = field(default_factory=threading.Event)
    _answer: tuple[int, bytes] | None = (503, b"{}")

    def answer(self, content: object, status: int = 200) -> None:
        """Let the request go with `content` as JSON."""
        self._answer = status, json.dumps(content).encode()
        self._answered.set()

    def break_off(self) -> None:
        """Close the connection without an answer."""
        self._answer = None
        self._answered.set()


class Rendezvous:
    """An HTTP server on a free loopback port, in threads of this process."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._watchers: list[Callable[[], object]] = []
        self._lock = threading.Lock()
        self._holds = True
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """The address that the project is given."""
        return f"http://127.0.0.1:{self._server.server_port}"

    async def _until_there_are(self, count: int, arrival: asyncio.Event) -> list[Call]:
        while len(together := self.present()) < count:
            arrival.clear()
            await arrival.wait()
        return together

    async def waiting(self, count: int, patience: Patience | None = None) -> list[Call]:
        """Return the calls once `count` wait here together. Raises RanOut if they never do."""
        patience = patience or Patience()
        arrival = asyncio.Event()
        notify = partial(asyncio.get_running_loop().call_soon_threadsafe, arrival.set)
        self._watchers.append(notify)
        try:
            return await patience.wait(self._until_there_are(count, arrival))
        except TimeoutError:
            patience.ran_out()
            together = self.present()
            expected = counted(
                "{count} request waits at the same time",
                "{count} requests wait at the same time",
                count,
            )
            raise RanOut(
                expected, message("waiting at the same time: {count}", count=len(together))
            ) from None
        finally:
            self._watchers.remove(notify)

    def present(self) -> list[Call]:
        """Return the calls that wait here now."""
        with self._lock:
            return [call for call in self._calls if not call._answered.is_set()]

    def hold(self) -> None:
        """Let calls wait again, after `let_go`."""
        self._holds = True

    def let_go(self) -> None:
        """Answer whatever waits, and whatever comes, with 503: the check is over."""
        self._holds = False
        for call in self.present():
            call.answer({}, status=503)
        with self._lock:
            self._calls.clear()

    def close(self) -> None:
        """Stop listening."""
        self.let_go()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        rendezvous = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                call = Call(url.path, parse_qs(url.query))
                with rendezvous._lock:
                    rendezvous._calls.append(call)
                for notify in list(rendezvous._watchers):
                    notify()
                if rendezvous._holds:
                    # Twice as patient as the check: the check's own wait ends first.
                    call._answered.wait(2 * AT_FIRST)
                self.close_connection = True
                if call._answer is not None:
                    with contextlib.suppress(ConnectionError):  # the project did not wait
                        self._answer(*call._answer)

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *values: object) -> None:
                pass  # the timeline has what matters

        return Handler
