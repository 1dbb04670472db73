"""Somebody with one tab open, who reads whatever comes as it comes."""

import asyncio
import json
from collections.abc import Mapping

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.frames import CloseCode
from websockets.protocol import State

from ..microscope.events import Event
from ..microscope.recording import Recording
from .notes import Notes

#: Seconds that a handshake may take before it counts as unanswered, where that is what is shown.
UNANSWERED = 1.0
_PATIENCE = 30.0


class Person:
    """A client of the chat. All that happens to it is on the time line, under its name."""

    def __init__(self, name: str, recording: Recording) -> None:
        self.name = name
        self._notes = Notes(recording, name)
        self._recording = recording
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._leaves = False

    async def enter(
        self, url: str, origin: str, headers: Mapping[str, str], patience: float = _PATIENCE
    ) -> bool:
        """Open a connection; return whether it was accepted."""
        self._leaves = False
        self._notes.note("enters")
        try:
            self._socket = await connect(
                url,
                origin=origin,  # type: ignore[arg-type]
                additional_headers=headers,
                proxy=None,
                compression=None,
                open_timeout=patience,
                close_timeout=1,
                ping_interval=None,
                max_size=None,
            )
        except InvalidStatus as refusal:
            self._notes.note("refused", code=refusal.response.status_code)
            return False
        except (OSError, TimeoutError, WebSocketException, EOFError) as error:
            self._notes.note("refused", type(error).__name__)
            return False
        self._notes.note("is_in")
        self._reading = asyncio.create_task(self._read(self._socket))
        return True

    @property
    def is_in(self) -> bool:
        """Whether the connection is open, as far as is known here."""
        return self._socket is not None and self._socket.state is State.OPEN

    async def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                frame = await socket.recv()
                self._notes.note("hears", frame if isinstance(frame, str) else frame.hex(" "))
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else int(CloseCode.ABNORMAL_CLOSURE)
            if not self._leaves:
                self._notes.note("cut_off", code=code)

    async def say(self, text: str) -> None:
        """Say something to the room; where nobody listens any more, that is no news here."""
        assert self._socket
        self._notes.note("says", text)
        try:
            await self._socket.send(json.dumps({"message": text}, ensure_ascii=False))
        except ConnectionClosed:
            pass

    async def hear(self, text: str, count: int = 1) -> None:
        """Wait until a frame with `text` in it has come, or so many. Raises TimeoutError."""
        await self._recording.until(lambda event: self._is_heard(event, text), count)

    async def say_and_hear(self, text: str) -> None:
        """Say something, and wait until it is back: so far, all works."""
        await self.say(text)
        await self.hear(text)

    async def be_cut_off(self) -> None:
        """Wait until the connection is closed by the other side. Raises TimeoutError."""
        name = self.name
        await self._recording.until(lambda event: event.who == name and event.what == "cut_off")

    def hold(self) -> None:
        """Read nothing from now on."""
        assert self._socket
        self._notes.note("does", "reads nothing")
        self._socket.transport.pause_reading()

    def read_on(self) -> None:
        """Read again."""
        assert self._socket
        self._notes.note("does", "reads again")
        self._socket.transport.resume_reading()

    async def leave(self) -> None:
        """Close the connection, as a closed tab does."""
        assert self._socket
        self._leaves = True
        self._notes.note("goes")
        await self._socket.close()

    async def end(self) -> None:
        """Break off without a word: the scene is over."""
        self._leaves = True
        if self._socket:
            self._socket.transport.abort()
        if self._reading:
            await asyncio.gather(self._reading, return_exceptions=True)

    def _is_heard(self, event: Event, text: str) -> bool:
        return event.who == self.name and event.what == "hears" and text in event.text
