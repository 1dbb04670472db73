"""Fixtures of this lesson's checks: a chat on the target, and one whose groups are seen."""

import pytest

from channels_workshop.chat_checks.chat import Chat


@pytest.fixture
def chat(visitor):
    return Chat(visitor)


@pytest.fixture
def observed_chat(observed_visitor, groups):
    # `groups` empties our Redis first.
    return Chat(observed_visitor)
