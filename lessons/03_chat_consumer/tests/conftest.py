"""What the checks of this lesson speak in: a chat on the target, and one whose groups are seen."""

import pytest

from channels_workshop.checking.chat import Chat


@pytest.fixture
def chat(visitor):
    return Chat(visitor)


@pytest.fixture
def observed_chat(observed_visitor, groups):
    # `groups` empties our Redis first.
    return Chat(observed_visitor)
