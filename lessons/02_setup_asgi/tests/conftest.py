"""Servers of a make of their own, which several checks ask for."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from channels_workshop.judging.client import Client
from channels_workshop.judging.mismatch import Mismatch
from channels_workshop.judging.servers import Servers
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.project import ProjectServer
from echo import ECHO
from runserver import start_runserver

OVERLAYS = Path(__file__).with_name("overlays")


@pytest.fixture
def runserver(servers: Servers) -> Callable[[], ProjectServer]:
    """A function that serves the target by `manage.py runserver` of daphne, once in a run."""
    settings = (OVERLAYS / "daphne_settings.py").read_text(encoding="utf-8")

    def serve(project: Path, log: Path) -> ProjectServer:
        options = ServerOptions(settings="daphne_settings")
        return start_runserver(servers.supervisor, project, log, options)

    return lambda: servers.variant("runserver", {"daphne_settings.py": settings}, serve=serve)


@pytest.fixture
def before_runserver(
    runserver: Callable[[], ProjectServer], visit: Callable[[ProjectServer], Client]
) -> Callable[[], Awaitable[Client | None]]:
    """A function that opens a browser before `runserver`; None where not even the echo is there.

    That it is there is another check's question.
    """

    async def before_runserver() -> Client | None:
        try:
            visitor = visit(runserver())
            tab = await visitor.connect(ECHO)
        except Mismatch:
            return None
        await tab.close()
        visitor.timeline.moments.clear()  # what went well is no part of the story
        return visitor

    return before_runserver
