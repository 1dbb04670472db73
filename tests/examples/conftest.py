"""The examples that the pages show before the first task, each served as `run NN --example` does."""

import pytest

from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes.options import EXAMPLE, ServerOptions
from channels_workshop.processes.supervisor import Supervisor


@pytest.fixture(scope="session")
def supervisor():
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture
def serve(supervisor, tmp_path):
    """Serves the example of a lesson by its number; gives its server (`origin`, `port`)."""
    started = []

    def serve(number: str, **environment: str):
        log = tmp_path / f"{len(started)}.log"
        options = ServerOptions(environment=environment, application=EXAMPLE)
        started.append(supervisor.serve(find_lesson(number).folder, log, options))
        return started[-1]

    yield serve
    for server in started:
        server.stop()
