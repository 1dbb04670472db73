"""The servers of one run of checks: copies of the target, and the reference beside it."""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from ..course.copies import write_project, write_target
from ..course.lesson import Lesson
from ..processes.children import FailedToStart
from ..processes.options import ServerOptions
from ..processes.project import ProjectServer
from ..processes.redis import VARIABLE
from ..processes.supervisor import Supervisor
from .groups import DOOR, OVERLAY, SETTINGS
from .mismatch import DoesNotStart
from .patience import Patience
from .server_log import lines_of, own_lines


class Servers:
    """Serves temporary copies of `target` and of the reference; the target is only read.

    Each is started when it is first asked for, by `options` unless it says otherwise.
    """

    def __init__(
        self,
        lesson: Lesson,
        target: Path,
        supervisor: Supervisor,
        seed: int,
        options: ServerOptions,
        trusted: Supervisor | None = None,
    ) -> None:
        self.lesson = lesson
        self.target = target
        self.supervisor = supervisor
        #: What serves the reference, where that is not to be beside the target.
        self.trusted = trusted or supervisor
        self.seed = seed
        self.options = options
        self.patience = Patience()
        #: What is ours: the reference, and what the servers print.
        self.folder = Path(tempfile.mkdtemp(prefix="workshop-")).resolve()
        # Resolved, since a traceback names real paths.
        self._copies = Path(tempfile.mkdtemp(prefix="", dir=supervisor.projects)).resolve()
        self.project = self._copies / "target"
        write_target(lesson, target, self.project)
        self._starts: dict[str, Future[ProjectServer]] = {}
        #: How many bytes of each server's log `printed` has read.
        self._read: dict[str, int] = {}
        # One after the other: each start keeps a core busy.
        self._ahead = ThreadPoolExecutor(1)

    def random(self, check_id: str) -> random.Random:
        """Return the randomness of one check: the same for the same seed."""
        return random.Random(f"{self.seed}/{check_id}")

    def start_ahead(self, names: Iterable[str]) -> None:
        """Begin to start `plain`, `observed` and `reference`, in this order of `names`, if there.

        They will be asked for; meanwhile other work goes on.
        """
        starts = {
            "plain": self._start_plain,
            "observed": self._start_observed,
            "reference": self._start_reference,
        }
        for name in names:
            if name in starts:
                self._begin(name, starts[name])

    def plain(self) -> ProjectServer:
        """Return the target as its own settings have it. Raises FailedToStart."""
        return self._get("plain", self._start_plain)

    def _start_plain(self) -> ProjectServer:
        return self._serve("plain", self.project, self.options)

    def observed(self) -> ProjectServer:
        """Return the target with groups that can be read: see `Groups`. Raises FailedToStart."""
        return self._get("observed", self._start_observed)

    def _start_observed(self) -> ProjectServer:
        _write(self.project, OVERLAY)
        options = replace(self.options, settings=SETTINGS, in_front=DOOR)
        return self._serve("observed", self.project, options)

    def reference(self) -> ProjectServer:
        """Return the reference project, to compare the target's answers with."""
        return self._get("reference", self._start_reference)

    def _start_reference(self) -> ProjectServer:
        project, log = self.folder / "reference", self.folder / "reference.log"
        write_project(self.lesson, project)
        options = self.options
        if VARIABLE in options.environment and self.trusted is not self.supervisor:
            options = options.adding({VARIABLE: self.trusted.redis.url})
        return self.trusted.serve(project, log, options)

    def alongside(
        self,
        name: str,
        overlay: Mapping[str, str] | None = None,
        *,
        settings: str = "",
        in_front: str = "",
        environment: Mapping[str, str] | None = None,
        own_interpreter: bool = False,
    ) -> ProjectServer:
        """Return one more server of the target's own copy, database and all. Raises FailedToStart.

        `overlay`, texts by path, is laid into the copy first: settings for this server alone, say, or
        what is to be `in_front` of it. The rest are options of the server.
        """
        self.plain()  # which has made the database
        options = replace(
            self.options,
            settings=settings,
            in_front=in_front,
            migrate=False,
            own_interpreter=own_interpreter,
        )
        options = options.adding(environment or {})

        def start() -> ProjectServer:
            _write(self.project, overlay or {})
            return self._serve(name, self.project, options)

        return self._get(name, start)

    def variant(
        self,
        name: str,
        overlay: Mapping[str, str],
        options: ServerOptions | None = None,
        *,
        serve: Callable[[Path, Path], ProjectServer] | None = None,
    ) -> ProjectServer:
        """Return another copy of the target with `overlay`, texts by path, laid over it.

        `serve(project, log)` starts it, where it is to be a server of another make. Raises
        FailedToStart where the target as it is does not start, DoesNotStart where this copy does
        not.
        """
        self.plain()

        def start() -> ProjectServer:
            project, log = self._copies / f"target-{name}", self.folder / f"{name}.log"
            write_target(self.lesson, self.target, project)
            _write(project, overlay)
            try:
                if serve:
                    return serve(project, log)
                return self.supervisor.serve(project, log, options or self.options)
            except FailedToStart as failed:
                raise DoesNotStart(failed.printed, project) from None

        return self._get(name, start)

    def another(self, name: str, options: ServerOptions | None = None) -> ProjectServer:
        """Return a new server of the target's own copy; the caller stops it."""
        log = self.folder / f"{name}.log"
        options = replace(options or self.options, migrate=False)
        return self.supervisor.serve(self.project, log, options)

    def flush_redis(self) -> None:
        """Empty our Redis: an earlier check may have left something there."""
        import redis

        with redis.Redis.from_url(self.supervisor.redis.own_url) as client:
            client.flushall()

    def _serve(self, name: str, project: Path, options: ServerOptions) -> ProjectServer:
        return self.supervisor.serve(project, self.folder / f"{name}.log", options)

    def _get(self, name: str, start: Callable[[], ProjectServer]) -> ProjectServer:
        """Return the server of that name, started once; raise what its start has raised, each time."""
        return self._begin(name, start).result()

    def _begin(self, name: str, start: Callable[[], ProjectServer]) -> Future[ProjectServer]:
        if name not in self._starts:
            self._starts[name] = self._ahead.submit(start)
        return self._starts[name]

    def printed(self) -> list[str]:
        """Return what the target's own code printed since the last call, a line each."""
        lines = []
        for name, start in self._starts.items():
            if name == "reference" or not start.done() or start.exception():
                continue
            server = start.result()
            begin, end = self._read.get(name, 0), server.log_size()
            self._read[name] = end
            text = server.log_since(begin) if end > begin else ""
            lines += own_lines(lines_of(text))
        return lines

    @property
    def names(self) -> list[str]:
        """The names of the servers that were asked for."""
        return list(self._starts)

    def close(self) -> None:
        """End the servers and remove the copies."""
        self._ahead.shutdown()
        for start in self._starts.values():
            if start.exception() is None:
                start.result().stop()
        self._starts.clear()
        for folder in (self.folder, self._copies):
            shutil.rmtree(folder, ignore_errors=True)


def _write(project: Path, overlay: Mapping[str, str]) -> None:
    for path, text in overlay.items():
        (project / path).write_text(text, encoding="utf-8", newline="\n")
