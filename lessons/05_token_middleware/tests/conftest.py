"""Fixtures of this lesson's checks: the users of the target, the doors of its rooms, who comes in."""

from pathlib import Path

import pytest

from channels_workshop.chat_checks.accounts import Accounts, Door, Sessions, joining
from channels_workshop.chat_checks.watched import Watched, serve_watched
from channels_workshop.judging.passing import NO_PING
from channels_workshop.processes.options import ServerOptions

OVERLAYS = Path(__file__).with_name("overlays")


@pytest.fixture(scope="session")
def options():
    return ServerOptions(migrate=True, ping_interval=NO_PING)


@pytest.fixture(scope="session")
def accounts(servers):
    servers.plain()  # which makes the database
    return Accounts(servers.supervisor, servers.project)


@pytest.fixture(scope="session")
async def sessions(servers, accounts):
    """People who have logged in. sue stays; max logs out; lou will be made inactive."""
    sessions = Sessions(servers.plain(), accounts, "sue", "max", "lou")
    yield sessions
    await sessions.end()


@pytest.fixture
def door(visitor, accounts):
    return Door(visitor, accounts)


@pytest.fixture
def join(door):
    """Opens a tab on a room, for a user of their own for each name: `await join(room, who)`."""
    return joining(door)


@pytest.fixture
def probed_door(servers, visit, accounts):
    """The door of the same copy, with a probe beneath and a gate before it."""
    settings = OVERLAYS / "probe_settings.py"
    overlay = {settings.name: settings.read_text(encoding="utf-8")}
    server = servers.alongside("probed", overlay, settings="probe_settings")
    return Door(visit(server), accounts)


@pytest.fixture
def door_where_tickets_last(servers, visit, accounts):
    """A function that returns the door of the same copy with another TICKET_SECONDS."""

    def door(seconds):
        environment = {"TICKET_SECONDS": str(seconds)}
        server = servers.alongside(f"lasting {seconds}", environment=environment)
        return Door(visit(server), accounts)

    return door


@pytest.fixture
def watched_door(servers, visit, accounts):
    """The door of the same copy, where the channel layer is `watched`."""
    return Door(visit(serve_watched(servers)), accounts)


@pytest.fixture
async def watched(servers):
    watched = Watched(serve_watched(servers), servers.patience)
    await watched.begin()
    yield watched
    await watched.close()
