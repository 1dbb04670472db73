"""Fixtures of this lesson's checks: questions that wait in the upstream, and postcards."""

from dataclasses import replace

import pytest

from beside import Beside
from channels_workshop.judging.mismatch import DoesNotStart
from channels_workshop.judging.patience import Patience
from channels_workshop.judging.rendezvous import Answer, Rendezvous
from channels_workshop.processes.children import FailedToStart
from channels_workshop.processes.options import ServerOptions
from postcards import Postbox
from questions import Questions


@pytest.fixture(scope="session")
def upstream():
    """The service that the project calls; the checks answer in its place."""
    # What a check leaves behind is answered well: a failure is another check's matter.
    upstream = Rendezvous(parting=Answer(b'{"text": "so long"}'))
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
async def questions(visitor, upstream, patience, lesson, evidence):
    questions = Questions(visitor, upstream, patience, lesson, evidence)
    yield questions
    await questions.end()


@pytest.fixture
def postbox(visitor, evidence):
    return Postbox(visitor, evidence)


@pytest.fixture(scope="session", autouse=True)
async def begun_beside(request, servers):
    """Another process of the target, which is asked slow questions while other checks run."""
    beside = Beside(servers)
    if any("beside" in item.fixturenames for item in request.session.items):
        beside.begin()
    yield beside
    await beside.end()


@pytest.fixture
def beside(begun_beside):
    return begun_beside


@pytest.fixture(scope="session")
def alone(servers, options):
    """A function that returns a process with settings from outside, which is told of no upstream."""
    started = []

    def alone():
        if not started:
            (servers.project / "outside_settings.py").write_text(OUTSIDE_SETTINGS, "utf-8")
            variables = {"UPSTREAM_SECONDS": "0"}
            told = replace(options, settings="outside_settings", environment=variables)
            try:
                started.append(servers.another("alone", told))
            except FailedToStart as failed:
                raise DoesNotStart(failed.printed, servers.project) from None
        return started[0]

    yield alone
    for server in started:
        server.stop()


OUTSIDE_SETTINGS = """\
from config.settings import *

ALLOWED_HOSTS = ["127.0.0.1", "outside.test"]
"""
