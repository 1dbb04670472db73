"""What the checks of this lesson speak in: people before the target who watch its counter."""

from collections.abc import Callable
from pathlib import Path

import pytest

from channels_workshop.checking.client import Client, Refused
from channels_workshop.checking.presence import Crowd, Mailboxes
from channels_workshop.serving.redis import start_redis

OVERLAYS = Path(__file__).with_name("overlays")


def _overlay(names):
    """Return the given files that are laid over a copy of the target, texts by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in OVERLAYS.glob(names)}


@pytest.fixture(scope="session")
def serving():
    # Sessions are rows of the database.
    return {"migrate": True}


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
async def mailboxes(session):
    mailboxes = Mailboxes(session.backstage.redis.url)
    yield mailboxes
    await mailboxes.close()


@pytest.fixture
def shuffled_crowd(gather, session, visit):
    """People before a copy of the target whose channel layer takes its time."""
    overlay = _overlay("shuffling_*.py")
    return gather(visit(session.variant("shuffled", overlay, settings="shuffling_settings")))


class Breakable:
    """A target whose channel layer is a Redis of its own, to be taken away and given back."""

    def __init__(self, session, visit: Callable, gather: Callable) -> None:
        self._redis = start_redis()
        self._session = session
        server = session.variant("breakable", _overlay("breakable_*.py"), serve=self._serve)
        self.crowd = gather(visit(server))

    def _serve(self, project: Path, log: Path):
        return self._session.backstage.serve(
            project,
            log,
            settings="breakable_settings",
            environment={"BREAKABLE_REDIS_URL": self._redis.url},
            migrate=True,
        )

    async def fails_to_join(self, room: str, who: str) -> None:
        """Knock at the door while there is no Redis. Whether it opens first is not agreed."""
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
def breakable(session, visit, gather):
    breakable = Breakable(session, visit, gather)
    yield breakable
    breakable.close()
