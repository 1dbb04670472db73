"""When is whoever has gone really gone? Lesson 06's chat counts connections, on `/metrics`.

A consumer goes on for a moment after its connection has ended; and with the core layer of
channels-redis 4.3, what comes for others of its process in that moment may be lost. See the page of
lesson 06.
"""

import re

from ..serving.server import Server
from .agreement import Departure
from .client import Client
from .timeline import Timeline


class Goodbyes:
    """Waits for goodbyes. No verdict of ours: where they are not told, nobody waits a second time."""

    def __init__(self, are_told: bool = True) -> None:
        self._are_told = are_told

    async def wait(self, server: Server, staying: int = 0) -> None:
        """Wait until so many connections of `server` are left."""
        if not self._are_told:
            return
        client = Client(server, Timeline())
        try:
            await client.patience.wait(_until(client, staying))
        except (TimeoutError, Departure):
            self._are_told = False
        finally:
            await client.leave()


async def _until(client: Client, connections: int) -> None:
    while metric((await client.get("/metrics")).text, "chat_connections") != connections:
        pass  # a question is a round trip, and a goodbye takes hardly more


def metric(text: str, name: str) -> float | None:
    """Return the value of a metric without labels, None where the text has none."""
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None
