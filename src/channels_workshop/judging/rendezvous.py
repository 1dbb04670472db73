"""A rendezvous for requests: an HTTP server that answers when the check says so.

A request waits in it until it is answered, so a check can see how many wait there together. That
proves that calls are made concurrently, without looking at a clock.
"""

import asyncio
import contextlib
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..language import counted, message
from .mismatch import RanOut
from .patience import AT_FIRST, Patience

#: Seconds within which a project that hangs up once it has its answer has done so, as a rule.
HANGS_UP = 1.0
#: What a project may use of it: connections at the same time, calls that are remembered, bytes of the
#: head of a request, seconds in which a head has come.
_AT_ONCE, _REMEMBERED, _HEAD, _SLOWEST = 500, 2_000, 2**16, 30.0

#: What SO_LINGER takes: on, for no second. Windows has shorter numbers in it.
_AT_ONCE_GONE = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `cut` leaves out so many of the bytes that its header promises.

    `headers` are what it has beside its type and its length.

    Where it `resets`, nothing is sent: the connection is reset in its place.
    """

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    cut: int = 0
    resets: bool = False
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def sent(self) -> bytes:
        """What of the body is sent."""
        return self.body[: len(self.body) - self.cut]


@dataclass(eq=False)
class Call:
    """A request that waits in the upstream. It is answered once, by the check."""

    path: str
    query: dict[str, list[str]]
    _answered: threading.Event = field(default_factory=threading.Event)
    #: Seconds for which it had to wait here.
    waited: float = 0.0
    _answer: Answer | None = Answer(b"{}", 503)
    #: Set once the project has hung up, which it does when it has read the answer.
    _taken: threading.Event = field(default_factory=threading.Event)

    def answer(self, content: object, status: int = 200) -> None:
        """Let the request go with `content` as JSON."""
        self.reply(Answer(json.dumps(content).encode(), status))

    def reply(self, answer: Answer | None) -> None:
        """Let the request go with any HTTP answer, or with none: the connection is closed."""
        self._answer = answer
        self._answered.set()

    def break_off(self) -> None:
        """Close the connection without an answer."""
        self.reply(None)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._free = threading.Semaphore(_AT_ONCE)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return self._free.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a request that was none


class _Head:
    """What is read of a request: as many lines as have room in a head."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        self._left = _HEAD

    def readline(self, most: int) -> bytes:
        """Return the next line; an empty one where there is no room for it."""
        line = self._file.readline(min(most, self._left))
        self._left -= len(line)
        return line

    def close(self) -> None:
        """Read no more."""
        self._file.close()


class Rendezvous:
    """An HTTP server on a free loopback port, in threads of this process.

    Where it is not `there` from the beginning, connections are refused until `come`. With `answers`
    it answers by itself, each call after `thinks` seconds. Else a call that nobody answers waits for
    `holds_for` seconds. Whoever is let go gets `parting`.
    """

    def __init__(
        self,
        *,
        there: bool = True,
        answers: Callable[[Call], object] | None = None,
        thinks: float = 0,
        parting: Answer = Answer(b"{}", 503),
        # Twice as patient as the check: the check's own wait ends first.
        holds_for: float = 2 * AT_FIRST,
    ) -> None:
        self._answers, self._thinks = answers, thinks
        self._parting, self._holds_for = parting, holds_for
        self._calls: list[Call] = []
        self._watchers: list[Callable[[], object]] = []
        self._lock = threading.Lock()
        self._holds = True
        self._serving: threading.Thread | None = None
        self._server = _Server(("127.0.0.1", 0), self._handler(), bind_and_activate=False)
        self._server.server_bind()  # the port is ours, and nobody listens there
        if there:
            self.come()

    def come(self) -> None:
        """Begin to listen."""
        self._server.server_activate()
        self._serving = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._serving.start()

    @property
    def url(self) -> str:
        """The address that the project is given."""
        return f"http://127.0.0.1:{self._server.server_port}"

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until `holds()`, which is about the calls here. Without an end of its own."""
        change = asyncio.Event()
        notify = partial(asyncio.get_running_loop().call_soon_threadsafe, change.set)
        self._watchers.append(notify)
        try:
            while not holds():
                await change.wait()
                change.clear()
        finally:
            self._watchers.remove(notify)

    async def waiting(self, count: int, patience: Patience | None = None) -> list[Call]:
        """Return the calls once `count` wait here together. Raises RanOut if they never do."""
        patience = patience or Patience()
        try:
            await patience.wait(self.until(lambda: len(self.present()) >= count))
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
        return self.present()

    async def taken(self, call: Call) -> None:
        """Wait until the project has taken the answer of `call`, which is seen when it hangs up.

        Some keep the connection, which is their right: nobody is waited for longer than HANGS_UP.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.until(call._taken.is_set), HANGS_UP)

    def present(self) -> list[Call]:
        """Return the calls that wait here now."""
        with self._lock:
            return [call for call in self._calls if not call._answered.is_set()]

    def made(self) -> list[Call]:
        """Return all calls since `hold`, in the order in which they came."""
        with self._lock:
            return list(self._calls)

    def hold(self) -> None:
        """Let calls wait again, after `let_go`."""
        with self._lock:
            self._calls.clear()
        self._holds = True

    def let_go(self) -> None:
        """Answer whatever waits, and whatever comes, with `parting`: the check is over."""
        self._holds = False
        for call in self.present():
            call.reply(self._parting)
        with self._lock:
            self._calls.clear()

    def close(self) -> None:
        """Stop listening."""
        self.let_go()
        if self._serving:
            self._server.shutdown()
        self._server.server_close()

    def _notify(self) -> None:
        for notify in list(self._watchers):
            notify()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        rendezvous = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _SLOWEST

            def setup(self) -> None:
                super().setup()
                self.rfile = _Head(self.rfile)  # type: ignore[assignment]

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                query = parse_qs(url.query, keep_blank_values=True)
                call = Call(url.path, query, _answer=rendezvous._parting)
                with rendezvous._lock:
                    if len(rendezvous._calls) >= _REMEMBERED:
                        self.close_connection = True
                        return
                    rendezvous._calls.append(call)
                rendezvous._notify()
                came_at = time.monotonic()
                if rendezvous._answers:
                    call._answered.wait(rendezvous._thinks)
                    call.answer(rendezvous._answers(call))
                elif rendezvous._holds:
                    call._answered.wait(rendezvous._holds_for)
                call.waited = time.monotonic() - came_at
                self.close_connection = True
                with contextlib.suppress(OSError):  # the project did not wait
                    if call._answer is not None and call._answer.resets:
                        self._reset()
                    else:
                        if call._answer is not None:
                            self._send(call._answer)
                        self._wait_for_the_end()
                call._taken.set()
                rendezvous._notify()

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.sent)

            def _reset(self) -> None:
                """Break off as a program does that is ended: an RST, and no polite end before it."""
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE_GONE)
                self.rfile.close()  # it keeps the socket open, too
                self.connection.close()

            def _wait_for_the_end(self) -> None:
                """Say that no more comes, and wait until the project hangs up."""
                self.connection.shutdown(socket.SHUT_WR)
                self.connection.settimeout(AT_FIRST)
                ends_at = time.monotonic() + AT_FIRST
                while self.connection.recv(_HEAD) and time.monotonic() < ends_at:
                    pass

            def log_message(self, format: str, *values: object) -> None:
                pass  # the timeline has what matters

        return Handler
