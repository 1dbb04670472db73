"""Fixtures of this lesson's checks: a chat on the target, and one whose groups are seen."""

import pytest

from channels_workshop.chat_checks.chat import Chat
from channels_workshop.chat_checks.watched import Watched, serve_watched_apart


@pytest.fixture
def chat(visitor):
    return Chat(visitor)


@pytest.fixture
def join(chat):
    """Opens a tab on a room of the target for somebody: `await join(room, who)`."""
    return chat.join


@pytest.fixture
def observed_join(observed_visitor, groups):
    """Opens a tab where `groups` are seen; they are empty at first."""
    return Chat(observed_visitor).join


@pytest.fixture
def watched_server(servers):
    return serve_watched_apart(servers)


@pytest.fixture
async def watched(watched_server, servers):
    """The server of `watched_join`, whose time can be let pass."""
    watched = Watched(watched_server, servers.patience)
    yield watched
    await watched.close()


@pytest.fixture
def watched_join(watched_server, visit):
    return Chat(visit(watched_server)).join
