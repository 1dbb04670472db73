"""Opens the workshop: one server for pages and panel, one address for the project."""

import contextlib
import os
import socket
import sys
import threading
import webbrowser
from dataclasses import dataclass
from types import FrameType

import uvicorn

from ..course.lesson import Lesson
from ..course.lessons import all_lessons
from ..errors import WorkshopError
from ..language import current, message
from ..learner import workspace_root
from ..learner.progress import Progress
from ..processes.ports import address_of, listen
from ..stage.microscope.collector import Collector
from ..stage.microscope.recording import Recording
from ..stage.serving import server_of
from .already_running import address_of_running, announced
from .app import application_for
from .class_link import ClassLink
from .controller import Controller
from .run import PORT as PROJECT_PORT
from .state import State

#: The port of the pages that is tried first.
PORT = 8100


@dataclass(frozen=True)
class Addresses:
    """Where everything is; `wanted` are the ports that were asked for first."""

    pages: str
    panel: str
    project: str
    wanted: tuple[int, int]


class Terminal:
    """Whoever opens the workshop: is told where everything is, then listens to each change."""

    def opened(self, addresses: Addresses, state: State) -> None:
        """The addresses are known; nothing has happened yet."""

    def changed(self, before: State, after: State) -> None:
        """Something has changed: a Listener."""


def open_workshop(
    lesson: Lesson | None,
    port: int,
    terminal: Terminal,
    show: bool,
    link: ClassLink | None = None,
) -> None:
    """Serve, watch and judge until Ctrl-C. Begins with `lesson`, else where the learner was.

    `show` opens the panel in a browser; `link` leads to a class. Raises WorkshopError where no
    port is free, and where this workspace is served already.
    """
    refuse_a_second()
    lessons = all_lessons()
    lesson = lesson or Progress().current_lesson(lessons)
    lesson = next(other for other in lessons if other.name == lesson.name)
    listener, project_listener = listen(port), listen(PROJECT_PORT)
    pages = address_of(listener)
    panel = f"{pages}{current()}/live/"
    collector = Collector(Recording())
    watched = collector.watched
    controller = Controller(lessons, lesson, project_listener, watched=watched, link=link)
    addresses = Addresses(pages, panel, controller.state.address, (port, PROJECT_PORT))
    terminal.opened(addresses, controller.state)
    controller.listeners.append(terminal.changed)
    if show:  # whoever calls before we serve waits a moment in the listener's queue
        threading.Thread(target=show_in_browser, args=(panel,), daemon=True).start()
    _serve(controller, collector, listener, pages)


def refuse_a_second() -> None:
    """Raise WorkshopError where this workspace is served already."""
    if running := address_of_running(workspace_root()):
        raise WorkshopError(
            message(
                "The workshop is running already: {address}", address=f"{running}{current()}/live/"
            ),
            message("Use that one, or end it with Ctrl-C where it was started."),
        )


def show_in_browser(address: str) -> None:
    """Open the person's browser, if there is one that has a window."""
    # Without a display, Python would take a browser that fills the terminal.
    on_screen = sys.platform != "linux" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    if on_screen and "CI" not in os.environ:
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(address)


def _serve(
    controller: Controller, collector: Collector, listener: socket.socket, address: str
) -> None:
    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            # At once: the same signal may have ended the project that is being judged.
            controller.stop()
            super().handle_exit(sig, frame)

        async def on_tick(self, counter: int) -> bool:
            return await super().on_tick(counter) or controller.has_ended

    application = application_for(controller, announced(workspace_root(), address), collector)
    with contextlib.suppress(KeyboardInterrupt):
        server_of(application, Server).run(sockets=[listener])
    if controller.error:
        raise controller.error
