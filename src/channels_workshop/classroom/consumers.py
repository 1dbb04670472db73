"""The panel's WebSocket: the board goes out, what a person asks for comes in."""

import asyncio
import json
from typing import Any, Literal

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer

from .board import Audience, Board
from .panel import regions

GROUP = "panels"


class _Ask(msgspec.Struct):
    """A frame from the page: a hint for the task `what`, the lesson `what` begun, a check."""

    do: Literal["hint", "start", "check"]
    what: str = ""


class PanelConsumer(AsyncWebsocketConsumer):
    """One open panel. It is sent the regions that have changed since it was last sent them."""

    async def connect(self) -> None:
        self.classroom = self.scope["classroom"]
        self.language = self.scope["url_route"]["kwargs"]["language"]
        self.sent: dict[str, str] = {}
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        # The person reads this language: failures are to be told in it.
        self.classroom.desk.speak(self.language)
        await self._send_changes()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            ask = msgspec.json.decode(text_data or "", type=_Ask)
        except msgspec.MsgspecError as error:
            refusal = {"type": "error", "code": "not_understood", "detail": str(error)}
            await self.send(json.dumps(refusal))
            return
        desk = self.classroom.desk
        match ask.do:
            case "hint":
                await asyncio.to_thread(desk.show_hint, ask.what)
            case "start":
                await asyncio.to_thread(desk.start_lesson, ask.what)
            case "check":
                desk.check_again()

    async def board_changed(self, event: dict[str, Any]) -> None:
        """Called for each event of the group."""
        await self._send_changes()

    async def _send_changes(self) -> None:
        now = regions(self.classroom, self.language)
        changed = {name: html for name, html in now.items() if self.sent.get(name) != html}
        self.sent = now
        if changed:
            await self.send(json.dumps({"regions": changed}, ensure_ascii=False))


class Panels(Audience):
    """All open panels, told from the desk's threads.

    An event says only that there is something to see. So one that is lost because too many wait
    does no harm: each of those that wait shows the board as it is by then.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def board_changed(self, board: Board) -> None:
        try:
            self._loop.call_soon_threadsafe(self._tell)
        except RuntimeError:  # the loop is closed: nobody looks any more
            pass

    def _tell(self) -> None:
        layer = get_channel_layer()
        self._task = self._loop.create_task(layer.group_send(GROUP, {"type": "board.changed"}))
