"""A browser, as far as the checks need one: HTTP with cookies, WebSocket with an Origin.

Small on purpose: `get`, `post`, `connect`, then `send`, `receive`, `close`. Another transport can
take its place without a change to any check.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.frames import CloseCode
from websockets.protocol import State
from websockets.typing import Origin, Subprotocol

from ..language import Message, message
from ..processes.project import ProjectServer
from .allowance import LONGEST_FRAME, Allowance, BoundedConnection, Handshake
from .mismatch import Mismatch, RanOut
from .patience import AT_FIRST, Patience
from .timeline import Timeline, shortened

if TYPE_CHECKING:
    import httpx

_Wanted = TypeVar("_Wanted")

#: How many of the frames that are passed over enter the story, and after how many nothing else will
#: come: a server may send without end.
_PASSED_OVER_NOTED, _PASSED_OVER_AT_MOST = 20, 5_000
#: So many frames may lie unread. Whoever has more reads on no more, not even the answer to a close.
_UNREAD_AT_MOST = 2_000
#: Of a longer story, so many moments are kept at its begin, and as many at its end.
_KEPT_AT_EITHER_END = 500

#: An answer over HTTP may take so many times as long as a frame.
_FOR_HTTP = 3


class Silence(RanOut):
    """Nothing came for as long as we were patient."""


class Refused(Mismatch):
    """The handshake was answered with an HTTP status instead of 101; None if not answered."""

    def __init__(self, status: int | None, expected: Message | str) -> None:
        if status is None:
            actual = message("the server broke the connection off in the handshake")
        else:
            actual = message("the handshake was refused with HTTP {status}", status=status)
        super().__init__(expected, actual)
        self.status = status

    def told_of(self, what: str) -> Message | str:
        """Return how the handshake of `what`, a path or a caller, was answered, for a report."""
        return self.actual if self.status is None else f"{what}: HTTP {self.status}"


class Closed(Mismatch):
    """The connection was closed by the server, with this code (1006: without a word)."""

    def __init__(self, code: int, reason: str, expected: Message | str) -> None:
        super().__init__(
            expected,
            message("the connection was closed with code {code}", code=code),
            close_code=code,
        )
        self.code = code
        self.reason = reason


class Connection:
    """One open WebSocket. Everything that happens on it is noted in the timeline."""

    def __init__(
        self, who: str, socket: BoundedConnection, timeline: Timeline, patience: Patience
    ) -> None:
        self.who = who
        #: The story that this connection is part of.
        self.timeline = timeline
        self._socket = socket
        self._patience = patience
        self._ended_by_us = False

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the server chose, if any."""
        return self._socket.subprotocol

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the server's answer to the handshake."""
        assert self._socket.response
        return self._socket.response.headers

    async def send(self, frame: str | bytes | dict[str, object]) -> None:
        """Send a text frame, a binary frame, or a dictionary as JSON text."""
        self.timeline.note(self.who, "sends", frame)
        text = json.dumps(frame, ensure_ascii=False) if isinstance(frame, dict) else frame
        try:
            await self._socket.send(text)
        except ConnectionClosed as closed:
            raise self._closed(closed, message("an open connection")) from None

    async def receive(self, expected: Message | str | None = None) -> str | bytes:
        """Return the next frame. Raises Silence where patience ends first, or Closed.

        `expected` says what should come, for the failure's text.
        """
        expected = expected or message("a frame")
        try:
            frame = await self._patience.wait(self._socket.recv())
        except TimeoutError:
            waited = self._patience.seconds
            self._patience.ran_out()
            self.timeline.note(self.who, "waits", message("nothing comes"))
            raise Silence(expected, message("nothing came for {n:g} s", n=waited)) from None
        except ConnectionClosed as closed:
            raise self._closed(closed, expected) from None
        self._note_received(frame)
        return frame

    async def receive_first(
        self, read: Callable[[str | bytes], _Wanted | None], expected: Message | str
    ) -> _Wanted:
        """Return what `read` makes of the first frame of which it does not make None.

        The frames before that are passed over; however many there are, they are no answer, and do
        not renew our patience. Raises Silence, Closed, and whatever `read` raises.
        """
        passed_over: list[str | bytes] = []
        try:
            return await self._patience.wait(self._read_on(read, passed_over))
        except TimeoutError:
            waited = self._patience.seconds
            self._patience.ran_out()
            self.timeline.note(self.who, "waits", message("nothing comes"))
            raise Silence(expected, _only(passed_over, waited)) from None
        except ConnectionClosed as closed:
            raise self._closed(closed, expected) from None

    async def closed_by_server(self, expected: Message | str) -> int:
        """Return the close code, once the server has closed. Frames before that are dropped."""
        try:
            await self._patience.wait(self._read_on(lambda _frame: None, []))
        except TimeoutError:
            self._patience.ran_out()
            raise Silence(expected, message("the connection stayed open")) from None
        except ConnectionClosed as closed:
            return self._closed(closed, expected).code
        raise AssertionError("it reads on for ever")

    async def _read_on(
        self, read: Callable[[str | bytes], _Wanted | None], passed_over: list[str | bytes]
    ) -> _Wanted:
        while len(passed_over) < _PASSED_OVER_AT_MOST:
            frame = await self._socket.recv()
            if noted := len(passed_over) < _PASSED_OVER_NOTED:
                self._note_received(frame)
            try:
                wanted = read(frame)
            except Mismatch:
                if not noted:
                    self._note_received(frame)
                raise
            if wanted is not None:
                if not noted:
                    self._note_received(frame)
                return wanted
            passed_over.append(frame)
            await asyncio.sleep(0)  # frames that are here already would leave our clock no turn
        raise TimeoutError

    def _note_received(self, frame: str | bytes) -> None:
        self.timeline.note(self.who, "receives", frame)
        if len(self.timeline.moments) > 3 * _KEPT_AT_EITHER_END:
            del self.timeline.moments[_KEPT_AT_EITHER_END:-_KEPT_AT_EITHER_END]

    @property
    def hung_up(self) -> bool:
        """Whether the connection is gone and it was not us who ended it."""
        return self._socket.state is State.CLOSED and not self._ended_by_us

    def hold(self) -> None:
        """Read nothing from now on, as a client that is held up: what comes fills the network."""
        self._socket.transport.pause_reading()

    def read_on(self) -> None:
        """Read again."""
        self._socket.transport.resume_reading()

    async def still_open(self, expected: Message | str) -> None:
        """Raise Closed if the server has hung up."""
        while self.hung_up:
            await self.receive(expected)  # what it was sent before, then Closed

    async def close(self, code: int = 1000) -> None:
        """Close politely and wait for the other side's answer."""
        self._ended_by_us = True
        self.timeline.note(self.who, "closes", code)
        await self._socket.close(code)

    def abort(self) -> None:
        """Break the TCP connection off, as a lost network or a killed browser does."""
        self._ended_by_us = True
        self.timeline.note(self.who, "drops")
        self._socket.transport.abort()

    async def end(self) -> None:
        """Break off without a word in the story: the check is over."""
        self._ended_by_us = True
        self._socket.transport.abort()
        await self._socket.wait_closed()

    def _closed(self, closed: ConnectionClosed, expected: Message | str) -> Closed:
        code = closed.rcvd.code if closed.rcvd else int(CloseCode.ABNORMAL_CLOSURE)
        reason = closed.rcvd.reason if closed.rcvd else ""
        ours = closed.sent.code if closed.sent else None
        if self._socket.is_flooded or (not closed.rcvd and ours == CloseCode.MESSAGE_TOO_BIG):
            code, reason = int(CloseCode.MESSAGE_TOO_BIG), ""  # it was us who had enough
        self.timeline.note(self.who, "closed", f"{code} {reason}")
        return Closed(code, reason, expected)


class Client:
    """One browser: it keeps its cookies and sends the server's own address as its Origin."""

    def __init__(
        self,
        server: ProjectServer,
        timeline: Timeline,
        who: str = "browser",
        patience: Patience | None = None,
    ) -> None:
        self.server = server
        self.who = who
        self.timeline = timeline
        self.patience = patience or Patience()
        self._connections: list[Connection] = []
        self._allowance = Allowance()

    @cached_property
    def _http(self) -> "httpx.AsyncClient":
        # Imported where it is needed: most checks speak WebSocket alone, and a verdict is to come
        # at once. Nothing here speaks TLS, and loading certificates takes longer than a check.
        import httpx

        from .answers import HEADERS, BoundedTransport

        hidden = self.server.socket
        return httpx.AsyncClient(
            base_url=self.server.origin,
            headers=HEADERS,
            timeout=None,
            trust_env=False,
            transport=BoundedTransport(
                self._allowance,
                verify=False,
                trust_env=False,
                uds=str(hidden) if hidden else None,
            ),
        )

    def another(self, who: str) -> "Client":
        """Return another browser, with cookies of its own, in the same story."""
        other = Client(self.server, self.timeline, who, self.patience)
        other._allowance = self._allowance
        return other

    async def get(self, path: str, **options: object) -> "httpx.Response":
        """GET `path`; the options are httpx' own."""
        return await self._request("GET", path, **options)

    async def post(self, path: str, **options: object) -> "httpx.Response":
        """POST to `path`; the options are httpx' own."""
        return await self._request("POST", path, **options)

    async def _request(self, method: str, path: str, **options: object) -> "httpx.Response":
        import httpx

        try:
            request = self._http.request(method, path, **options)  # type: ignore[arg-type]
            # A page may take a database, or hash a password: more work than a frame.
            patient = max(_FOR_HTTP * self.patience.seconds, AT_FIRST)
            response = await self.patience.wait(request, seconds=patient)
        except TimeoutError:
            self.patience.ran_out()
            self.timeline.note(self.who, "http", f"{method} {path}: no answer")
            waited = message("no answer for {n:g} s", n=patient)
            raise Silence(message("an HTTP answer"), waited) from None
        except httpx.RequestError as error:
            actual = message("no answer: {error}", error=type(error).__name__)
            self.timeline.note(self.who, "http", f"{method} {path} {type(error).__name__}")
            raise Mismatch(message("an HTTP answer"), actual) from None
        self.timeline.note(self.who, "http", f"{method} {path} {response.status_code}")
        return response

    async def connect(
        self,
        path: str,
        *,
        who: str | None = None,
        origin: str | None = "",
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        subprotocols: Sequence[str] = (),
        host: str | None = None,
    ) -> Connection:
        """Open a WebSocket on `path` and return it once the handshake has been answered with 101.

        `origin` is the server's own unless given; None sends no Origin at all. A header may stand
        in `headers` more than once. `host` is what the header `Host` names, as if that led to this
        machine, where it is not the server's own. Raises Refused.
        """
        who = who or self.who
        url = f"ws://{host or self.server.host}:{self.server.port}{path}"
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies())
        sent = Headers({"Cookie": cookies} if cookies else {})
        sent.update(headers)
        self.timeline.note(who, "connects", path)
        expected = message("the handshake is accepted")
        try:
            socket = await self.patience.wait(
                _open(
                    url,
                    self._allowance,
                    **_place_of(self.server),
                    origin=Origin(self.server.origin) if origin == "" else _origin(origin),
                    additional_headers=sent,
                    subprotocols=[Subprotocol(name) for name in subprotocols] or None,
                )
            )
        except InvalidStatus as refusal:
            self.timeline.note(who, "refused", f"HTTP {refusal.response.status_code}")
            raise Refused(refusal.response.status_code, expected) from None
        except TimeoutError:  # an OSError too, so it comes first
            self.timeline.note(who, "waits", message("the handshake is not answered"))
            waited = self.patience.seconds
            self.patience.ran_out()
            raise Silence(expected, message("no handshake for {n:g} s", n=waited)) from None
        except (WebSocketException, OSError, EOFError):
            self.timeline.note(who, "refused", message("no answer"))
            raise Refused(None, expected) from None
        connection = Connection(who, socket, self.timeline, self.patience)
        self._connections.append(connection)
        return connection

    async def still_connected(self, expected: Message | str) -> None:
        """Raise Closed if the server has hung up on one of our connections."""
        for connection in self._connections:
            await connection.still_open(expected)

    async def leave(self) -> None:
        """Close what is still open. Nothing of it enters the story."""
        for connection in self._connections:
            await connection.end()
        if "_http" in self.__dict__:
            await self._http.aclose()

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that the server has set, by their names."""
        return dict(self._cookies())

    def _cookies(self) -> Iterable[tuple[str, str]]:
        return self._http.cookies.items() if "_http" in self.__dict__ else ()


async def open_stream(
    server: ProjectServer,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection on which a check writes its own bytes."""
    if server.socket:
        return await asyncio.open_unix_connection(server.socket)
    return await asyncio.open_connection(server.host, server.port)


def _place_of(server: ProjectServer) -> dict[str, Any]:
    """Return where `server` is, as `websockets` takes it."""
    if server.socket:
        return {"unix": True, "path": str(server.socket)}
    return {"host": server.host, "port": server.port}


async def _open(url: str, allowance: Allowance, **options: Any) -> BoundedConnection:
    """Open a WebSocket that waits and pings not of its own accord, and refuses nothing but floods."""
    connection = await Handshake(
        url,
        create_connection=partial(BoundedConnection, allowance),  # type: ignore[arg-type]
        compression=None,
        max_size=LONGEST_FRAME,
        max_queue=_UNREAD_AT_MOST,
        open_timeout=None,
        ping_interval=None,
        proxy=None,
        **options,
    )
    assert isinstance(connection, BoundedConnection)
    return connection


def _only(passed_over: Sequence[str | bytes], seconds: float) -> Message:
    """Return the sentence that for so long nothing came, or nothing but frames such as these."""
    if not passed_over:
        return message("nothing came for {n:g} s", n=seconds)
    last = passed_over[-1]
    return message(
        "for {n:g} s nothing came but such frames: {frame}",
        n=seconds,
        frame=shortened(last if isinstance(last, str) else repr(last)),
    )


def _origin(origin: str | None) -> Origin | None:
    return None if origin is None else Origin(origin)
