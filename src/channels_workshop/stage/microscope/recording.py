"""A recording: what has happened so far, in order, for those who look on and those who wait."""

import asyncio
import bisect
from collections.abc import Callable, Iterable, Sequence

from .events import Event

#: Events that are kept; the oldest go first.
KEPT = 50_000
#: Seconds after which what is waited for will not come.
_PATIENCE = 30.0


class Recording:
    """Events in order, whatever order they come in. Use it in one loop.

    `listeners` are called with what has just come; `forgotten` is how many of the oldest are gone.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.forgotten = 0
        self.listeners: list[Callable[[Sequence[Event]], None]] = []
        self._events = sorted(events, key=_order)
        self._has_grown = asyncio.Event()

    @property
    def events(self) -> Sequence[Event]:
        """What has happened, in order."""
        return self._events

    def add(self, events: Sequence[Event]) -> None:
        """Add what has come."""
        fresh = sorted(events, key=_order)
        if fresh:
            # What is told late belongs among what was told before: nearly always a few at the end.
            late = bisect.bisect_right(self._events, fresh[0].order, key=_order)
            overtaken = self._events[late:]
            self._events[late:] = sorted([*overtaken, *fresh], key=_order) if overtaken else fresh
        if (too_many := len(self._events) - KEPT) > 0:
            del self._events[:too_many]
            self.forgotten += too_many
        self._has_grown.set()
        for listener in self.listeners:
            listener(events)

    async def until(
        self, wanted: Callable[[Event], bool], count: int = 1, patience: float = _PATIENCE
    ) -> list[Event]:
        """Wait for so many events that are `wanted`, and return them. Raises TimeoutError."""
        async with asyncio.timeout(patience):
            while len(found := [event for event in self._events if wanted(event)]) < count:
                self._has_grown.clear()
                await self._has_grown.wait()
        return found


def _order(event: Event) -> tuple[int, str, int]:
    return event.order
