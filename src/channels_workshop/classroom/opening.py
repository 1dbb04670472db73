"""Opens the classroom: one server for pages and panel, one address for the project."""

import contextlib
import os
import socket
import sys
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from ..course.catalogue import all_lessons
from ..course.lesson import Lesson
from ..language import current
from ..learner.progress import Progress
from .asgi import application_for
from .board import Audience
from .classroom import Classroom
from .desk import Desk
from .pages import Pages
from .ports import address_of, listen

#: The ports that are tried first.
PORT = 8100
PROJECT_PORT = 8000

#: Seconds that open panels get to say goodbye.
_GOODBYE = 2


@dataclass(frozen=True)
class Addresses:
    """Where everything is; `wanted` are the ports that were asked for first."""

    pages: str
    panel: str
    project: str
    wanted: tuple[int, int]


class Host(Audience):
    """Whoever opens the classroom: an audience that also hears of addresses and pages."""

    def opened(self, addresses: Addresses, lesson: Lesson, folder: Path | None) -> None:
        """The addresses are known; `folder` is the learner's where the lesson is started."""

    def pages_settled(self, pages: Pages) -> None:
        """The pages are there, or cannot be had."""


def open_classroom(lesson: Lesson | None, port: int, host: Host, show: bool) -> None:
    """Serve, watch and check until Ctrl-C. Begins with `lesson`, else with the learner's current.

    `show` opens the panel in a browser. Raises Trouble where no port is free.
    """
    lessons = all_lessons()
    lesson = lesson or Progress().current_lesson(lessons)
    listener, project_listener = listen(port), listen(PROJECT_PORT)
    pages = address_of(listener)
    panel = f"{pages}{current()}/live/"
    desk = Desk(lessons, lesson, project_listener)
    classroom = Classroom(desk, host.pages_settled)
    addresses = Addresses(pages, panel, desk.board.address, (port, PROJECT_PORT))
    host.opened(addresses, lesson, desk.folder_of(lesson))
    desk.audiences.append(host)
    if show:  # who calls before we serve waits a moment in the listener's queue
        threading.Thread(target=show_in_browser, args=(panel,), daemon=True).start()
    _serve(classroom, listener)


def show_in_browser(address: str) -> None:
    """Open the person's browser, if there is one that has a window."""
    # Without a display, Python would take a browser that fills the terminal.
    on_screen = sys.platform != "linux" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    if on_screen and "CI" not in os.environ:
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(address)


def _serve(classroom: Classroom, listener: socket.socket) -> None:
    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            classroom.desk.finish()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        application_for(classroom),
        lifespan="on",
        log_config=None,
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=_GOODBYE,
    )
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listener])
