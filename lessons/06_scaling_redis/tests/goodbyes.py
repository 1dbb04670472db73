"""When has somebody who left really left? The chat says how many are connected, on `/metrics`.

A consumer goes on for a moment after its connection has ended; and with the core layer of
channels-redis 4.3, what comes for others of its process in that moment may be lost. See the page of
this lesson.
"""

from prometheus_client.parser import text_string_to_metric_families

from channels_workshop.judging.client import Client
from channels_workshop.judging.mismatch import Mismatch
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.project import ProjectServer


class Goodbyes:
    """Waits for goodbyes. No verdict of ours: after one that nobody saw, none is waited for."""

    def __init__(self) -> None:
        self._are_seen = True

    async def wait(self, server: ProjectServer, staying: int = 0) -> None:
        """Wait until so many connections of `server` are left."""
        if not self._are_seen:
            return
        client = Client(server, Timeline())
        try:
            await client.patience.wait(_until(client, staying))
        except (TimeoutError, Mismatch):
            self._are_seen = False
        finally:
            await client.leave()


async def _until(client: Client, connections: int) -> None:
    while metric((await client.get("/metrics")).text, "chat_connections") != connections:
        pass  # a question is a round trip, and a goodbye takes hardly more


def metric(text: str, name: str) -> float | None:
    """Return the value of a metric without labels, None where the text has none."""
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == name and not sample.labels:
                    return sample.value
    except ValueError:  # not metrics at all: an error page, say
        pass
    return None
