"""`run`: one project as a server, for people, until Ctrl-C."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from socket import socket

from ..course.copies import example_of, lay_further, lay_over, write_project
from ..course.lesson import Lesson
from ..judging.failure import DoesNotRun
from ..language import current
from ..learner.watch import changes
from ..learner.workspace import Workspace
from ..processes.network import SharedHost
from ..processes.options import EXAMPLE, PROJECT
from ..processes.ports import listen, listen_exactly
from ..processes.redis import PeoplesRedis
from ..stage.microscope.viewer import Viewer
from .project_address import ProjectAddress
from .services import Services

#: The port that is tried first, here and by `up`.
PORT = 8000


class Terminal:
    """Whoever typed `run`: is told what happens."""

    def redis_chosen(self, redis: PeoplesRedis) -> None:
        """The lesson has a Redis beside it; this one is used."""

    def watching(self, address: str) -> None:
        """What passes through the project is seen at `address`."""

    def served(self, address: str, broken: DoesNotRun | None) -> None:
        """The project is served at `address`; `broken` is why it does not start."""

    def shared(self, address: str, host: SharedHost) -> None:
        """Whoever is in the network of `host` can reach `address`."""


@dataclass(frozen=True)
class Choice:
    """What is to be served: the reference of `lesson`, or the learner's project if `mine`.

    `further` names an overlay that is laid over the reference; `example`: the example of the
    lesson's page instead of a project. `watch_frames`: with the frame microscope beside it.
    """

    lesson: Lesson
    mine: bool = False
    further: str | None = None
    example: bool = False
    watch_frames: bool = False


@dataclass(frozen=True)
class Place:
    """Where it is to be served: at `port`, else from PORT on; on loopback, or at `host` for others.

    A port that is named for others is used or refused: it may be on a blackboard already.
    """

    port: int | None = None
    host: SharedHost | None = None

    @property
    def wanted(self) -> int:
        """The port that is tried first."""
        return self.port or PORT

    def listen(self) -> socket:
        """Return a socket that listens there. Raises WorkshopError where no port is free."""
        if self.host is None:
            return listen(self.wanted)
        if self.port is None:
            return listen(PORT, self.host.address)
        return listen_exactly(self.port, self.host.address)


def run_project(choice: Choice, place: Place, workers: int, terminal: Terminal) -> bool:
    """Serve a project until Ctrl-C; the learner's is loaded again at each save.

    Returns False where the project ended by itself. Raises WorkshopError where the lesson is not
    started, has no such overlay or no example, or no port is free.
    """
    lesson, mine = choice.lesson, choice.mine
    with ExitStack() as kept:
        folder = Workspace().started_folder(lesson) if mine else kept.enter_context(_copy(choice))
        listener = kept.enter_context(place.listen())
        saves = changes(lesson, folder) if mine else None
        services = kept.enter_context(Services())
        environment = services.environment(lesson)
        if services.redis:
            terminal.redis_chosen(services.redis)
        application = EXAMPLE if choice.example else PROJECT
        watched = None
        if choice.watch_frames:
            viewer = kept.enter_context(Viewer())
            terminal.watching(f"{viewer.address}{current()}/frames/")
            watched = viewer.collector.watched
        address = ProjectAddress(
            listener,
            workers=workers,
            application=application,
            shared_as=place.host.name if place.host else "",
            watched=watched,
        )
        project = kept.enter_context(address)

        def serve() -> None:
            broken = project.load(lesson, folder, environment)
            project.exchange()
            terminal.served(project.address, broken)

        serve()
        if place.host:
            terminal.shared(project.address, place.host)
        try:
            if saves is None:
                wait(project.sentinels)
                return False
            for _changed in saves:
                serve()
        except KeyboardInterrupt:
            return True
        return False


@contextmanager
def _copy(choice: Choice) -> Iterator[Path]:
    """Give a copy of what is chosen: what a project writes must not land in lessons/."""
    lesson = choice.lesson
    with tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True) as temporary:
        # Resolved, since a traceback names real paths.
        folder = Path(temporary).resolve() / lesson.name
        if choice.example:
            lay_over(lesson.folder, folder, [example_of(lesson)])
        else:
            write_project(lesson, folder)
        if choice.further is not None:
            lay_further(lesson, choice.further, folder)
        yield folder
