"""The WebSocket of the panel and of the pages: the state goes out, what people ask for comes in."""

import asyncio
import json
from typing import Any, Literal

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer

from .panel import regions
from .state import State

GROUP = "panels"


class _Ask(msgspec.Struct):
    """A frame from a page: a hint for the task `what`, the lesson `what` opened or started, a check.

    To the class: a hand, one's files, the answer to “May I help?”; `what` is `yes` or anything else.
    """

    do: Literal["hint", "open", "start", "check", "hand", "show_code", "answer"]
    what: str = ""


class PanelConsumer(AsyncWebsocketConsumer):
    """One open panel, or page. It is sent its regions whenever they have changed, in its language."""

    async def connect(self) -> None:
        self.controller = self.scope["controller"]
        self.sent: dict[str, str] = {}
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
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
        match ask.do:
            case "hint":
                self.controller.show_hint(ask.what)
            case "open":
                self.controller.open_lesson(ask.what)
            case "start":
                self.controller.start_lesson(ask.what)
            case "check":
                self.controller.judge_again()
            case _ if link := self.controller.link:
                decide = {"hand": link.raise_hand, "show_code": link.show_code}.get(
                    ask.do, link.answer
                )
                decide(ask.what == "yes")

    async def state_changed(self, event: dict[str, Any]) -> None:
        """Called for each event of the group."""
        await self._send_changes()

    async def _send_changes(self) -> None:
        route = self.scope["url_route"]["kwargs"]
        now = regions(self.controller, route["language"], route.get("page"))
        changed = {name: html for name, html in now.items() if self.sent.get(name) != html}
        self.sent = now
        if changed:
            await self.send(json.dumps({"regions": changed}, ensure_ascii=False))


class Announcer:
    """Lets every open panel and page know that there is something to see.

    An event that is lost because too many wait does no harm: those that wait show the state as it
    is by then.
    """

    def __init__(self) -> None:
        self._is_scheduled = False
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, before: State, after: State) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            task = asyncio.create_task(self._send())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self) -> None:
        self._is_scheduled = False  # what changes from now on needs another event
        await get_channel_layer().group_send(GROUP, {"type": "state.changed"})
