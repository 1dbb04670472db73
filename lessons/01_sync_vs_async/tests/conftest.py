"""What the checks of this lesson speak in: questions that wait in the upstream, and postcards."""

import pytest

from channels_workshop.checking.patience import Patience
from channels_workshop.checking.postcards import Postbox
from channels_workshop.checking.questions import Questions


@pytest.fixture(scope="session")
def serving(upstream_server):
    return {
        "environment": {"UPSTREAM_URL": upstream_server.url},
        "migrate": True,
        # Whoever blocks the event loop is told at once, and where.
        "strict": True,
    }


@pytest.fixture(scope="module")
def patience():
    """Of one task: where it has failed, the rest of its checks wait less."""
    return Patience()


@pytest.fixture
async def questions(visitor, upstream, patience):
    questions = Questions(visitor, upstream, patience)
    yield questions
    await questions.end()


@pytest.fixture
async def postbox(visitor):
    return await Postbox.before(visitor)
