"""Fixtures of this lesson's checks: questions that wait in the upstream, and postcards."""

import pytest

from channels_workshop.judging.patience import Patience
from channels_workshop.judging.rendezvous import Rendezvous
from channels_workshop.processes.options import ServerOptions
from postcards import Postbox
from questions import Questions


@pytest.fixture(scope="session")
def upstream():
    """The service that the project calls; the checks answer in its place."""
    upstream = Rendezvous()
    yield upstream
    upstream.close()


@pytest.fixture(scope="session")
def options(upstream):
    return ServerOptions(
        environment={"UPSTREAM_URL": upstream.url},
        migrate=True,
        # A call that blocks the event loop raises immediately, and says where.
        refuses_blocking=True,
    )


@pytest.fixture(scope="module")
def patience():
    """Of one task: where it has failed, the rest of its checks wait less."""
    return Patience()


@pytest.fixture
async def questions(visitor, upstream, patience, lesson):
    questions = Questions(visitor, upstream, patience, lesson)
    yield questions
    await questions.end()


@pytest.fixture
async def postbox(visitor):
    return await Postbox.before(visitor)
