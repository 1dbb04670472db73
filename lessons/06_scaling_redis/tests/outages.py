"""A Redis that is taken away from processes of one chat, and given back."""

import redis

from channels_workshop.chat_checks.accounts import Accounts
from channels_workshop.chat_checks.watched import NO_PING
from channels_workshop.judging.client import Client
from channels_workshop.judging.patience import Patience
from channels_workshop.judging.servers import Servers
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.project import ProjectServer
from many_processes import Process


class Outage:
    """Processes of one chat, with a Redis of their own; people expire after `presence_seconds`."""

    def __init__(
        self, servers: Servers, accounts: Accounts, timeline: Timeline, presence_seconds: str
    ) -> None:
        self._redis = servers.supervisor.another_redis()
        self._servers = servers
        self.timeline = timeline
        self._accounts = accounts
        environment = {"REDIS_URL": self._redis.url, "PRESENCE_SECONDS": presence_seconds}
        self._options = ServerOptions(environment=environment, ping_interval=NO_PING)
        self._clients: list[Client] = []

    def serve(self, name: str) -> ProjectServer:
        """Start one more server."""
        return self._servers.another(f"{name}-{self._redis.port}", self._options)

    def process(self, name: str) -> Process:
        """Start one more process."""
        # A patience of its own: whatever took too long elsewhere, here something has to take long.
        client = Client(self.serve(name), self.timeline, patience=Patience())
        self._clients.append(client)
        return Process(client, self._accounts)

    def begins(self) -> None:
        """Take Redis away."""
        self.timeline.note("Redis", "drops")
        self._redis.stop()

    def empties(self) -> None:
        """Empty Redis, which goes on."""
        self.timeline.note("Redis", "drops", "FLUSHALL")
        with redis.Redis.from_url(self._redis.own_url) as client:
            client.flushall()

    def ends(self) -> None:
        """Start it again, empty, where it was."""
        self._redis = self._redis.restarted()
        self.timeline.note("Redis", "connects")

    async def close(self) -> None:
        """End the processes and their Redis."""
        for client in self._clients:
            await client.leave()
            client.server.stop()
        self._redis.stop()
