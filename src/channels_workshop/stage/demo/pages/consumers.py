"""The WebSockets of the two pages: what the audience sees goes out, what the presenter asks comes in."""

import json
from typing import Any, Literal

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from django.http import parse_cookie

from ....language import Language
from ..events import AnyEvent
from ..state import State
from .documents import for_audience, for_presenter
from .performance import AUDIENCE, PRESENTERS, Performance

#: Closed with this: the page has no code, or an old one.
NO_CODE = 4401


class _Size(msgspec.Struct):
    """What a stage says: its size, such as `1280×720`."""

    screen: str


class _Ask(msgspec.Struct):
    """What a presenter's page asks for; `to` is where a jump goes."""

    do: Literal["next", "back", "jump", "again", "go_on", "take"]
    to: int = 0


class StageConsumer(AsyncWebsocketConsumer):
    """A stage: it is shown everything, in its language, and says how large it is."""

    async def connect(self) -> None:
        self.performance: Performance = self.scope["performance"]
        self.newest = 0
        await self.channel_layer.group_add(AUDIENCE, self.channel_name)
        await self.accept()
        theatre = self.performance.theatre
        await self._show(self.performance.shown_so_far, theatre.position, theatre.state, None)

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(AUDIENCE, self.channel_name)
        self.performance.screen(self.channel_name, "")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            size = msgspec.json.decode(text_data or "", type=_Size)
        except msgspec.MsgspecError:
            return
        self.performance.screen(self.channel_name, size.screen[:20])

    async def audience_shown(self, event: dict[str, Any]) -> None:
        """Called for each event of the group: the audience sees something new."""
        state = msgspec.convert(event["state"], State)
        happened = msgspec.convert(event["event"], AnyEvent | None)
        await self._show(event["at"], event["position"], state, happened)

    async def _show(self, at: int, position: int, state: State, event: AnyEvent | None) -> None:
        # Whoever comes while events are under way has been shown what they led to already.
        if at >= self.newest:
            self.newest = at
            demo, language = self.performance.theatre.demo, _language(self.scope)
            await self.send(as_text(for_audience(demo, language, position, state, event)))


class PresenterConsumer(AsyncWebsocketConsumer):
    """A presenter's page. One of them presents; what the others ask is not heard, but for `take`."""

    is_let_in = False

    async def connect(self) -> None:
        self.performance: Performance = self.scope["performance"]
        code = self.performance.code
        self.is_let_in = code.fits(_cookie(self.scope, code.cookie))
        # Accepted in any case: before that, a close is HTTP 403, and a browser sees no code.
        await self.accept()
        if not self.is_let_in:
            await self.close(NO_CODE)
            return
        await self.channel_layer.group_add(PRESENTERS, self.channel_name)
        self.performance.enter(self.channel_name)

    async def disconnect(self, code: int) -> None:
        if self.is_let_in:
            await self.channel_layer.group_discard(PRESENTERS, self.channel_name)
            self.performance.leave(self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.is_let_in:
            return
        try:
            ask = msgspec.json.decode(text_data or "", type=_Ask)
        except msgspec.MsgspecError as error:
            refusal = {"type": "error", "code": "not_understood", "detail": str(error)}
            await self.send(as_text(refusal))
            return
        presents = self.performance.presenting == self.channel_name
        if ask.do == "take" and not presents:
            self.performance.take(self.channel_name)
        elif presents:
            self.performance.do(ask.do, ask.to)

    async def presenters_changed(self, event: dict[str, Any]) -> None:
        """Called for each event of the group: there is something new to read."""
        presents = self.performance.presenting == self.channel_name
        document = for_presenter(self.performance, _language(self.scope), presents)
        await self.send(as_text(document))


def as_text(document: dict[str, Any]) -> str:
    """Return a document as a frame."""
    return json.dumps(document, ensure_ascii=False)


def _language(scope: dict[str, Any]) -> Language:
    return "ru" if scope["url_route"]["kwargs"]["language"] == "ru" else "en"


def _cookie(scope: dict[str, Any], name: str) -> str | None:
    headers = dict(scope["headers"])
    found: str | None = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(name)
    return found
