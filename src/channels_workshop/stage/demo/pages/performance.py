"""One evening: a theatre, who may present, and the pages that look on."""

import asyncio
from typing import Any

import msgspec
from channels.layers import get_channel_layer

from ...access_code import AccessCode
from ..events import AnyEvent
from ..preflight import Finding
from ..state import State
from ..theatre import Onlooker, Theatre

#: Every open stage is a member of the first group, every presenter's page of the second.
AUDIENCE, PRESENTERS = "audience", "presenters"


class Performance(Onlooker):
    """A theatre and those who look on. Enter it as a context manager, in the event loop.

    `shown_so_far` counts what the audience was shown. `screens` are the sizes of the open stages, by
    their channels. `presenting` is the channel of the page that presents; others, in `waiting`,
    watch. `findings` are those of the pre-flight.
    """

    def __init__(self, theatre: Theatre, code: AccessCode, findings: list[Finding]) -> None:
        self.theatre, self.code, self.findings = theatre, code, findings
        self.shown_so_far = 0
        self.screens: dict[str, str] = {}
        self.presenting: str | None = None
        self._waiting: list[str] = []
        self._outbox: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self._work: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Performance":
        self._start(self._send())
        self.theatre.onlookers.append(self)
        await self.theatre.open()
        return self

    async def __aexit__(self, *exception: object) -> None:
        for task in self._work:
            task.cancel()
        await self.theatre.close()

    # ---- What the theatre tells.

    def shown(self, event: AnyEvent | None, state: State) -> None:
        self.shown_so_far += 1
        content = {
            "type": "audience.shown",
            "at": self.shown_so_far,
            "position": self.theatre.position,
            "event": msgspec.to_builtins(event),
            "state": msgspec.to_builtins(state),
        }
        self._outbox.put_nowait((AUDIENCE, content))

    def changed(self) -> None:
        self._outbox.put_nowait((PRESENTERS, {"type": "presenters.changed"}))

    async def _send(self) -> None:
        """Send one after the other: events are shown in the order in which they happened."""
        layer = get_channel_layer()
        while True:
            group, content = await self._outbox.get()
            await layer.group_send(group, content)

    # ---- What the pages ask for.

    def do(self, what: str, to: int) -> None:
        """Begin what whoever presents asks for. The theatre refuses what does not fit just now."""
        theatre = self.theatre
        match what:
            case "next":
                self._start(theatre.next())
            case "back":
                self._start(theatre.go_to(theatre.position - 1))
            case "jump":
                self._start(theatre.go_to(to))
            case "again":
                self._start(theatre.again())
            case "go_on":
                self._start(self._go_on())

    async def _go_on(self) -> None:
        await self.theatre.go_on()
        self.changed()

    def enter(self, channel: str) -> None:
        """A presenter's page was opened. It presents, unless another does."""
        self._waiting.append(channel)
        if self.presenting is None:
            self.take(channel)
        self.changed()

    def take(self, channel: str) -> None:
        """From now on this page presents; the one that did watches."""
        if self.presenting is not None:
            self._waiting.append(self.presenting)
        self._waiting.remove(channel)
        self.presenting = channel
        self.changed()

    def leave(self, channel: str) -> None:
        """A presenter's page is gone. If it was the one, whoever has waited longest presents."""
        if channel in self._waiting:
            self._waiting.remove(channel)
        elif channel == self.presenting:
            self.presenting = None
            if self._waiting:
                self.take(self._waiting[0])
        self.changed()

    def screen(self, channel: str, size: str) -> None:
        """A stage says how large it is; an empty size: it is gone."""
        if size:
            self.screens[channel] = size
        else:
            self.screens.pop(channel, None)
        self.changed()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
