"""A chat watched from inside: what passes between tabs, consumers and the channel layer, in order."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from channels.layers import InMemoryChannelLayer, channel_layers

from ..language import _
from .drawing import Drawing
from .sequences import Arrow, draw_sequence

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

#: Whose consumer is at work in this task; nobody's where a cell calls the layer itself.
_at_work: ContextVar[str] = ContextVar("at_work", default="")


class Watch:
    """Puts an empty channel layer into its place, and notes what passes through it and beside it.

    `application` takes part under a name; `draw` shows what has happened since the last drawing.
    """

    def __init__(self) -> None:
        self.arrows: list[Arrow] = []
        self.layer = _WatchedLayer(self)
        channel_layers.set("default", self.layer)
        self._names: list[str] = []
        self._ended: set[str] = set()
        self._owners: dict[str, str] = {}

    def application(self, name: str, application: Application) -> Application:
        """Return `application` as one that is watched; its tab and its consumer are those of `name`."""
        self._names.append(name)

        async def watched(scope: Any, receive: Receive, send: Send) -> None:
            _at_work.set(name)
            tab, consumer = _tab(name), _consumer(name)

            async def receive_noted() -> dict[str, Any]:
                event = await receive()
                self.note(tab, consumer, _in_words(event))
                return event

            async def send_noted(event: dict[str, Any]) -> None:
                self.note(consumer, tab, _in_words(event))
                await send(event)

            try:
                await application(scope, receive_noted, send_noted)
            except Exception as error:
                self.note(consumer, consumer, type(error).__name__)
                raise
            finally:
                self._ended.add(name)

        return watched

    def note(self, sender: str, receiver: str, text: str, *, is_lost: bool = False) -> None:
        """Note that one told another something."""
        self.arrows.append(Arrow(sender, receiver, text, is_lost))

    def draw(self) -> Drawing:
        """Draw what has happened since the last drawing, and begin anew."""
        arrows, self.arrows = self.arrows, []
        first, *others = self._names
        who = [_tab(first), _consumer(first), _layer()]
        for name in others:
            who += [_consumer(name), _tab(name)]
        seen = {side for arrow in arrows for side in (arrow.sender, arrow.receiver)}
        return draw_sequence([one for one in who if one in seen], arrows)

    def owns(self, channel: str, name: str) -> None:
        """Note that `channel` is the mailbox of somebody's consumer."""
        self._owners[channel] = name

    def owner(self, channel: str) -> str:
        """Return whose consumer has this mailbox; nobody's is the empty name."""
        return self._owners.get(channel, "")

    def is_over(self, name: str) -> bool:
        """Whether the consumer of `name` has ended, whichever way."""
        return name in self._ended


class _WatchedLayer(InMemoryChannelLayer):
    """The layer in memory, as the lesson's settings have it, that tells its watch what it does."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(capacity=1_000)
        self._watch = watch

    async def group_add(self, group: str, channel: str) -> None:
        self._watch.owns(channel, _at_work.get())
        self._told("group_add")
        await super().group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self._told("group_discard")
        await super().group_discard(group, channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self._told("group_send")
        await super().group_send(group, message)

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        name = self._watch.owner(channel)
        if name and self._watch.is_over(name):
            self._watch.note(_layer(), _consumer(name), message["type"], is_lost=True)
        await super().send(channel, message)

    async def receive(self, channel: str) -> dict[str, Any]:
        message: dict[str, Any] = await super().receive(channel)
        if name := self._watch.owner(channel):
            self._watch.note(_layer(), _consumer(name), message["type"])
        return message

    def _told(self, what: str) -> None:
        """Note what a consumer has asked for; what a cell asks for stands at the layer's own line."""
        name = _at_work.get()
        self._watch.note(_consumer(name) if name else _layer(), _layer(), what)


def _tab(name: str) -> str:
    return _("{name}: tab", name=name)


def _consumer(name: str) -> str:
    return _("{name}: consumer", name=name)


def _layer() -> str:
    return _("layer")


def _in_words(event: dict[str, Any]) -> str:
    """Return an ASGI event as it is called at the WebSocket: a frame, or what happens to it."""
    kind = str(event["type"]).removeprefix("websocket.")
    if kind in ("receive", "send"):
        return str(event.get("text") or event.get("bytes"))
    return f"{kind} {event['code']}" if "code" in event else kind
