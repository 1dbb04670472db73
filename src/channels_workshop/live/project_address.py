"""An address that stays while the project behind it is exchanged, at each save for instance."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from socket import socket

from ..course.lesson import Lesson
from ..judging.describing import does_not_run
from ..judging.failure import DoesNotRun
from ..language import _, current
from ..processes.as_localhost import VARIABLE as SHARED_AS
from ..processes.children import CAN_FORK, FailedToStart
from ..processes.options import PROJECT, ServerOptions
from ..processes.ports import HOST, address_of
from ..processes.project import ProjectProcess

#: Makes, of the options of a process, those by which it is watched.
Watched = Callable[[ServerOptions], ServerOptions]

#: Seconds that open connections get when their project is exchanged.
_GOODBYE = 1
#: What is in front of a project that others in the network may reach.
_FRONT = "channels_workshop.processes.as_localhost:as_localhost"


class StartCancelled(Exception):
    """A start was cancelled, because something newer is to be served."""


class ProjectAddress:
    """Serves one project at a time on `listener`, in `workers` processes.

    What the project prints goes to `log`, or where this process prints. The processes end with
    this one, however it ends. Use it as a context manager, and but for `cancel_start` from one
    thread at a time. `application` names what is served of it; only a project has a database.
    `forks`: whether the system can fork, which is quicker. `shared_as`: the name or address by which
    others in this network call it; without, it is for this machine alone. With `watched`, each
    process is.
    """

    def __init__(
        self,
        listener: socket,
        log: Path | None = None,
        workers: int = 1,
        application: str = PROJECT,
        forks: bool = CAN_FORK,
        shared_as: str = "",
        watched: Watched | None = None,
    ) -> None:
        self._watched = watched
        self._listener = listener
        self._log = log
        self._workers = workers
        self._application = application
        self._forks = forks
        self._shared_as = shared_as
        self._serving: list[ProjectProcess] = []
        self._loaded: list[ProjectProcess] = []
        self._is_loading = self._cancelled = False
        self._filled: set[Path] = set()

    @property
    def address(self) -> str:
        """What a person types into a browser."""
        return address_of(self._listener, self._shared_as or HOST)

    @property
    def sentinels(self) -> list[int]:
        """What becomes ready when one of the processes has ended."""
        return [served.process.sentinel for served in self._serving]

    def load(
        self, lesson: Lesson, project: Path, environment: Mapping[str, str] | None = None
    ) -> DoesNotRun | None:
        """Have new processes import `project`; return why that fails, None where it does not.

        `environment` is added to what it sees. What was served before still is, until `exchange`;
        a project that does not start is then replaced by a page that says so. Raises
        StartCancelled where `cancel_start` is called meanwhile.
        """
        self._end_loaded()
        self._is_loading, self._cancelled = True, False
        try:
            broken = self._load(lesson, project, environment or {})
            self._is_loading = False  # from now on, `cancel_start` ends nothing any more
            if self._cancelled:
                raise StartCancelled
        except BaseException:
            self._end_loaded()
            raise
        finally:
            self._is_loading = False
        return broken

    def exchange(self) -> None:
        """Serve what was loaded, in place of what was served before."""
        # Groups live in the memory of a process: never two projects behind one address.
        self._end_serving()
        self._serving, self._loaded = self._loaded, []
        for process in self._serving:
            with contextlib.suppress(FailedToStart):  # it has ended meanwhile
                process.serve()

    def cancel_start(self) -> None:
        """Let `load`, in another thread, fail at once: something newer is to be served."""
        self._cancelled = True
        if self._is_loading:
            for newcomer in self._loaded:
                newcomer.process.kill()

    def stop(self) -> None:
        """End the project, politely, and a start that is under way."""
        self.cancel_start()
        self._end_loaded()
        self._end_serving()

    def _load(
        self, lesson: Lesson, project: Path, environment: Mapping[str, str]
    ) -> DoesNotRun | None:
        options = ServerOptions(
            environment=environment,
            inherits_environment=True,
            goodbye=_GOODBYE,
            application=self._application,
        )
        if self._shared_as:
            options = replace(options.adding({SHARED_AS: self._shared_as}), in_front=_FRONT)
        has_database = self._application == PROJECT
        for number in range(self._workers):
            migrate = has_database and number == 0
            demo = has_database and project not in self._filled
            self._filled.add(project)
            prepared = replace(options, migrate=migrate, demo=demo)
            if self._watched:
                prepared = self._watched(prepared)
            failure = self._newcomer().load(project, self._log, prepared)
            if self._cancelled:
                raise StartCancelled
            if failure:
                self._end_loaded()
                reason = does_not_run(lesson, failure, project)
                page = replace(options, failure_page=_failure_page())
                self._newcomer().load(project, self._log, page, reason.traceback)
                return reason
        return None

    def _newcomer(self) -> ProjectProcess:
        process = ProjectProcess(self._listener, self._forks)
        self._loaded.append(process)
        if self._cancelled:  # just before we had it in our list
            process.process.kill()
        return process

    def _end_loaded(self) -> None:
        for process in self._loaded:
            process.close()
        self._loaded = []

    def _end_serving(self) -> None:
        for served in self._serving:
            served.process.terminate()
        for served in self._serving:
            served.end(_GOODBYE + 1)
        self._serving = []

    def __enter__(self) -> "ProjectAddress":
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


def _failure_page() -> str:
    """Return the page that stands in for a project that does not start; it waits for the next."""
    return _PAGE.format(
        language=current(),
        title=_("The project does not start"),
        comfort=_("Fix it and save: this page reloads by itself."),
    )


_PAGE = """<!doctype html>
<html lang="{language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta http-equiv="refresh" content="2">
  <title>{title}</title>
  <style>
    html {{ font: clamp(1rem, 0.85rem + 0.5vw, 1.5rem) / 1.5 system-ui, sans-serif; }}
    body {{ max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }}
    pre {{ padding: 1rem; border: 1px solid #8886; border-radius: 0.6rem; white-space: pre-wrap; }}
  </style>
</head>
<body>
  <h1>{title}</h1>
  <p>{comfort}</p>
  <pre>{{traceback}}</pre>
</body>
</html>
"""
