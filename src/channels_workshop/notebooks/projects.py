"""Real servers for a notebook: a lesson's project, or what a cell holds. They end with the kernel."""

import atexit
import os
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from ..course.copies import lay_further, write_project
from ..course.lessons import find_lesson
from ..errors import WorkshopError
from ..judging.server_log import last_traceback, shorten_traceback
from ..language import message
from ..processes.children import FailedToStart
from ..processes.options import ServerOptions
from ..processes.project import ProjectServer
from ..processes.redis import VARIABLE, EmbeddedRedis
from ..processes.supervisor import Supervisor

#: The files that make a project of what a cell holds, by the name under which they are laid there.
_OVERLAYS = Path(__file__).with_name("overlays")

_PACKAGES = sysconfig.get_path("purelib")

_supervisor: Supervisor | None = None
_servers: list["Server"] = []
_numbers = count(1)


@dataclass
class Server:
    """A project that accepts connections at `origin`, such as `http://127.0.0.1:40123`."""

    running: ProjectServer
    options: ServerOptions

    @property
    def origin(self) -> str:
        """Its address, as a browser names it."""
        return self.running.origin

    @property
    def host(self) -> str:
        """Host and port, for a WebSocket's address."""
        return f"{self.running.host}:{self.running.port}"

    @property
    def project(self) -> Path:
        """The folder of its project: a copy that this kernel removes at its end."""
        return self.running.project

    @property
    def is_running(self) -> bool:
        """Whether its process lives. To interrupt a kernel ends its servers too."""
        return self.running.process.is_alive()

    def log(self) -> str:
        """Return what it has printed so far, without the paths of this machine."""
        text = self.running.log_since(0).replace(f"{self.project}{os.sep}", "")
        return text.replace(f"{_PACKAGES}{os.sep}", "")

    def another(self, environment: Mapping[str, str] | None = None) -> "Server":
        """Start one more process of the same project, with the same database."""
        options = replace(self.options, migrate=False, demo=False).adding(environment or {})
        return _start(self.project, options)

    def stop(self) -> None:
        """End it at once, as `kill -9` would."""
        self.running.stop()


def serve(
    lesson: str,
    *,
    sections: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    further: str | None = None,
    environment: Mapping[str, str] | None = None,
    settings: str = "",
    redis: bool = False,
    demo: bool = False,
    refuses_blocking: bool = False,
) -> Server:
    """Serve the finished project of `lesson`, migrated, and return when it accepts connections.

    `sections` (texts by name) replace those of the project, `files` (texts by path) are laid over
    it, and so is the overlay `further`. With `redis` it finds `own_redis()` at REDIS_URL. `demo`
    fills its database. Raises WorkshopError, with the project's traceback, where it does not start.
    """
    found = find_lesson(lesson)
    project = _new_folder(found.name)
    write_project(found, project, sections)
    if further is not None:
        lay_further(found, further, project)
    _write(project, files or {})
    options = ServerOptions(
        settings=settings,
        environment=dict(environment or {}),
        migrate=True,
        demo=demo,
        refuses_blocking=refuses_blocking,
    )
    if redis:
        options = options.adding({VARIABLE: own_redis().own_url})
    return _start(project, options)


def serve_views(code: str, environment: Mapping[str, str] | None = None) -> Server:
    """Serve a small Django project whose `views.py` is `code`; each view has its name as its path.

    `/ping/`, which answers at once, is there beside them. In a cell: `%%views NAME`.
    """
    project = _new_folder("views")
    _write(
        project,
        {"views.py": code, **_overlay("views_settings.py", "views_urls.py", "views_asgi.py")},
    )
    options = ServerOptions(
        "views_settings", dict(environment or {}), application="views_asgi:application"
    )
    return _start(project, options)


def serve_application(code: str, environment: Mapping[str, str] | None = None) -> Server:
    """Serve the ASGI application that `code` calls `application`. In a cell: `%%application NAME`."""
    project = _new_folder("application")
    _write(project, {"application.py": code, **_overlay("application_settings.py")})
    options = ServerOptions(
        "application_settings", dict(environment or {}), application="application:application"
    )
    return _start(project, options)


def own_redis() -> EmbeddedRedis:
    """Return the Redis of this kernel, started when it is first asked for. Ours to harm."""
    return supervisor().redis


def supervisor() -> Supervisor:
    """Return what keeps all that this kernel has started."""
    global _supervisor
    if _supervisor is None:
        _supervisor = Supervisor()
        atexit.register(stop_all)
    return _supervisor


def stop_all() -> None:
    """End every server that this kernel has started, and its Redis."""
    global _supervisor
    while _servers:
        _servers.pop().stop()
    if _supervisor is not None:
        _supervisor.close()
        _supervisor = None


def _start(project: Path, options: ServerOptions) -> Server:
    log = project.with_name(f"{project.name}-{next(_numbers)}.log")
    try:
        server = Server(supervisor().serve(project, log, options), options)
    except FailedToStart as failed:
        raised = last_traceback(failed.printed)
        why = shorten_traceback(raised, project) if raised else failed.printed
        raise WorkshopError(message("The project does not start."), why) from None
    _servers.append(server)
    return server


def _new_folder(name: str) -> Path:
    # Resolved, since a traceback names real paths.
    folder = supervisor().projects.resolve() / f"notebook-{next(_numbers)}" / name
    folder.mkdir(parents=True)
    return folder


def _overlay(*names: str) -> dict[str, str]:
    return {name: (_OVERLAYS / name).read_text(encoding="utf-8") for name in names}


def _write(project: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
