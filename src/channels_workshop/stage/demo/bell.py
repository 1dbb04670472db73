"""Waiting for something to have happened on the scene, without looking at a clock."""

import asyncio
from collections.abc import Callable


class Bell:
    """Rings whenever something has happened; whoever waits for a condition then looks again."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        """Something has happened."""
        for waiting in self._waiting:
            waiting.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once `holds()`. Without an end of its own."""
        rung = asyncio.Event()
        self._waiting.add(rung)
        try:
            while not holds():
                await rung.wait()
                rung.clear()
        finally:
            self._waiting.remove(rung)
