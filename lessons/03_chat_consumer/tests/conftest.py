"""Fixtures of this lesson's checks: a chat on the target, and one whose groups are seen."""

import pytest

from channels_workshop.chat_checks.chat import Chat


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
