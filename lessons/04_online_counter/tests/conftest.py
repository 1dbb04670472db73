"""Fixtures of this lesson's checks: people before the target who watch its counter."""

from collections.abc import Callable
from pathlib import Path

import pytest

from channels_workshop.chat_checks.counter import Crowd, Mailboxes
from channels_workshop.judging.client import Client, Refused
from channels_workshop.judging.servers import Servers
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.redis import start_redis

OVERLAYS = Path(__file__).with_name("overlays")


def _overlay(names):
    """Return the given files that are laid over a copy of the target, texts by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in OVERLAYS.glob(names)}


@pytest.fixture(scope="session")
def options():
    # Sessions are rows of the database.
    return ServerOptions(migrate=True)


@pytest.fixture
async def gather():
    """A function that gathers a crowd before a browser's server; all go home at the end."""
    crowds = []

    def gather(visitor: Client) -> Crowd:
        crowds.append(Crowd(visitor))
        return crowds[-1]

    yield gather
    for crowd in crowds:
        await crowd.leave()


@pytest.fixture
def crowd(gather, visitor):
    return gather(visitor)


@pytest.fixture
def observed_crowd(gather, observed_visitor, groups):
    # `groups` empties our Redis first.
    return gather(observed_visitor)


@pytest.fixture
async def mailboxes(servers):
    mailboxes = Mailboxes(servers.supervisor.redis.url)
    yield mailboxes
    await mailboxes.close()


@pytest.fixture
def shuffled_crowd(gather, servers, visit):
    """People before a copy of the target whose channel layer takes its time."""
    options = ServerOptions(settings="shuffling_settings", migrate=True)
    return gather(visit(servers.variant("shuffled", _overlay("shuffling_*.py"), options)))


class Breakable:
    """A target whose channel layer is a Redis of its own, to be taken away and given back."""

    def __init__(self, servers: Servers, visit: Callable, gather: Callable) -> None:
        self._redis = start_redis()
        options = ServerOptions(
            settings="breakable_settings",
            environment={"BREAKABLE_REDIS_URL": self._redis.url},
            migrate=True,
        )
        server = servers.variant("breakable", _overlay("breakable_*.py"), options)
        self.crowd = gather(visit(server))

    async def fails_to_join(self, room: str, who: str) -> None:
        """Try to join while there is no Redis. Whether the handshake is accepted first is free."""
        try:
            tab = await self.crowd.join(room, who)
            await tab.connection.closed_by_server("")
        except Refused:
            pass

    def lose_redis(self) -> None:
        """End the server's Redis."""
        self._redis.stop()

    def regain_redis(self) -> None:
        """Start it again, empty, where it was."""
        self._redis = start_redis(self._redis.port)

    def close(self) -> None:
        """End the Redis for good."""
        self._redis.stop()


@pytest.fixture
def breakable(servers, visit, gather):
    breakable = Breakable(servers, visit, gather)
    yield breakable
    breakable.close()
