"""Fixtures of this lesson's checks: people before the target who watch its counter."""

import pytest

from channels_workshop.chat_checks.counter import Crowd
from channels_workshop.chat_checks.watched import Watched, serve_watched_apart
from channels_workshop.judging.client import Client
from channels_workshop.judging.passing import NO_PING
from channels_workshop.processes.options import ServerOptions


@pytest.fixture(scope="session")
def options():
    # Sessions are rows of the database.
    return ServerOptions(migrate=True, ping_interval=NO_PING)


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
def watched_server(servers):
    return serve_watched_apart(servers)


@pytest.fixture
async def watched(watched_server, servers):
    """The channel layer of the server before which the `watched_crowd` stands."""
    watched = Watched(watched_server, servers.patience)
    yield watched
    await watched.close()


@pytest.fixture
def watched_crowd(gather, watched_server, visit):
    return gather(visit(watched_server))


@pytest.fixture
def long_patience(servers):
    """Where a crowd comes in one moment, the first of them may wait for the last: have patience."""
    patience, usual = servers.patience, servers.patience.seconds
    patience.seconds = 3 * usual
    yield
    patience.seconds = min(patience.seconds, usual)
