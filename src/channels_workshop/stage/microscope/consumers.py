"""The WebSocket of the microscope's page: what has happened so far, then what happens."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer

from .events import Event
from .recording import Recording

#: Seconds between two frames, and the most events of one. A page shows no more of them.
_PAUSE, _AT_ONCE = 0.05, 2_000


class FramesConsumer(AsyncWebsocketConsumer):
    """An open page: frames `{"events": […], "left_out": n}`."""

    async def connect(self) -> None:
        self.recording: Recording = self.scope["recording"]
        self.waiting: list[Event] = list(self.recording.events)
        self.left_out = self.recording.forgotten
        self.has_more = asyncio.Event()
        self.has_more.set()
        self.recording.listeners.append(self.note)
        await self.accept()
        self.sending = asyncio.create_task(self.send_on())

    def note(self, events: Sequence[Event]) -> None:
        """Called with what has just happened."""
        self.waiting += events
        self.has_more.set()

    async def send_on(self) -> None:
        """Send what waits, and of much the newest."""
        while True:
            await self.has_more.wait()
            self.has_more.clear()
            self.left_out += len(self.waiting[:-_AT_ONCE])
            events, self.waiting = self.waiting[-_AT_ONCE:], []
            frame = {"events": events, "left_out": self.left_out}
            await self.send(msgspec.json.encode(frame).decode())
            await asyncio.sleep(_PAUSE)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if hasattr(self, "sending"):
                self.sending.cancel()
                self.recording.listeners.remove(self.note)
