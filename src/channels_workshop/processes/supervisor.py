"""Starts projects as servers, their programs, and one Redis; ends everything."""

import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..language import Message
from .children import CAN_FORK, FailedToStart
from .compiled import NotPython, first_not_python
from .management import Ran, run_commands
from .options import ServerOptions
from .program import Program, start_program
from .project import ProjectProcess, ProjectServer, Start
from .project_process import UNIX_PORT
from .redis import EmbeddedRedis, start_redis
from .sandbox import Sandbox
from .stored import stored_files


class Supervisor:
    """What is running for this process. Use it as a context manager, or `close` it.

    Where the system can fork, each server is forked from a process that has everything imported;
    elsewhere one spare process, with the same imports done, waits while the last one serves.
    With a `sandbox`, all code of projects runs in there; it is closed with the supervisor. A supervisor
    that `hides` has its servers listen on Unix sockets, which no other project can see.
    Servers may be started from several threads.
    """

    def __init__(
        self, forks: bool = CAN_FORK, *, sandbox: Sandbox | None = None, hides: bool = False
    ) -> None:
        self._forks = forks
        self._sandbox = sandbox
        self._hides = hides
        self._spare: ProjectProcess | None = None
        self._lock = threading.Lock()
        self._servers: list[ProjectServer] = []
        self._redis: EmbeddedRedis | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True)
        self._hidden = 0

    @property
    def projects(self) -> Path:
        """The folder in which projects must stand to be served; `serve` takes no other."""
        return self._sandbox.given if self._sandbox else Path(self._folder.name)

    @property
    def stopped(self) -> Message | None:
        """Why the sandbox has ended all of it, None where it has not."""
        return self._sandbox.stopped if self._sandbox else None

    def warm(self) -> None:
        """Begin the slow half of the next server's start now, in the background."""
        if self._spare is None and self._sandbox is None and not self._hides:
            self._spare = ProjectProcess(forks=self._forks)

    def serve(
        self, project: Path, log: Path, options: ServerOptions | None = None
    ) -> ProjectServer:
        """Serve `project` on a free loopback port; return when it accepts connections.

        Raises FailedToStart with the project's own traceback where it does not come up.
        """
        options = options or ServerOptions()
        if self._sandbox:
            options = options.adding(self._sandbox.environment)
        if options.databases is None:
            options = replace(options, databases=self._databases(project))
        hidden = self._hidden_socket() if self._hides else None
        process = self._new_process(project, log, hidden, options.own_interpreter)
        # In a sandbox that file cannot be seen; all that is printed goes there from the beginning.
        failure = process.load(project, None if self._sandbox else log, options)
        if failure:
            process.close()
            raise FailedToStart(str(self.stopped or failure))
        port = process.serve()
        if hidden is None:
            return self._kept(ProjectServer(process.process, port, project, log))
        with hidden:
            path = Path(hidden.getsockname())
        return self._kept(ProjectServer(process.process, UNIX_PORT, project, log, socket=path))

    def _kept(self, server: ProjectServer) -> ProjectServer:
        """Return `server`, which ends with the supervisor where nobody has stopped it before."""
        with self._lock:
            self._servers = [one for one in self._servers if not one.is_stopped] + [server]
        return server

    def run_commands(
        self,
        project: Path,
        commands: Sequence[Sequence[str]],
        environment: Mapping[str, str] | None = None,
        *,
        own_interpreter: bool = False,
    ) -> list[Ran]:
        """Run each `manage.py COMMAND…` in `project`: see `management.run_commands`.

        All in one process, which with an `own_interpreter` shares nothing with a server: see
        `ServerOptions`.
        """
        environment = {
            **(environment or {}),
            **(self._sandbox.environment if self._sandbox else {}),
        }
        start = None
        if self._sandbox:
            start = partial(self._start_in(project), own_interpreter=own_interpreter)
        forks = self._forks and not own_interpreter
        return run_commands(project, commands, environment, forks=forks, start=start)

    def start_program(
        self,
        project: Path,
        command: Sequence[str],
        options: ServerOptions,
        log: Path | None = None,
    ) -> Program:
        """Start another Python program of `project`, such as its `manage.py`: see `start_program`."""
        if self._sandbox:
            options = options.adding(self._sandbox.environment)
        start = self._start_in(project) if self._sandbox else None
        return start_program(project, command, options, log=log, start=start, forks=self._forks)

    def first_not_python(self, project: Path, files: Sequence[str]) -> NotPython | None:
        """Return the first of `files` in `project`, which may stand anywhere, that is not Python."""
        if self._sandbox is None:
            return first_not_python(project, files)
        with tempfile.TemporaryDirectory(dir=self.projects) as folder:
            copy = Path(folder)
            for file in files:
                (copy / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(project / file, copy / file)
            return first_not_python(copy, files, self._start_in(copy))

    def stored_files(self, project: Path) -> Iterator[tuple[str, bytes]]:
        """Yield the files of `project` as they are where it runs: see `stored.stored_files`."""
        return stored_files(project, self._start_in(project) if self._sandbox else None)

    def _new_process(
        self, project: Path, log: Path, listener: socket.socket | None, own_interpreter: bool
    ) -> ProjectProcess:
        if self._sandbox:
            start = partial(self._start_in(project, log), own_interpreter=own_interpreter)
            return ProjectProcess(start=start)
        if listener or own_interpreter:
            return ProjectProcess(listener, self._forks and not own_interpreter)
        with self._lock:
            self.warm()
            assert self._spare is not None
            process, self._spare = self._spare, None
            return process

    def _start_in(self, project: Path, log: Path | None = None) -> Start:
        assert self._sandbox is not None
        return partial(self._sandbox.start_child, project=project, output=log)

    def _databases(self, project: Path) -> Path:
        """Return the folder for migrated databases: of a submission, one that it alone can reach."""
        folder = self._sandbox.given if self._sandbox else Path(self._folder.name)
        return folder / "databases"

    def _hidden_socket(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        with self._lock:
            self._hidden += 1
            listener.bind(f"{self._folder.name}/{self._hidden}")
        listener.listen()
        return listener

    @property
    def redis(self) -> EmbeddedRedis:
        """The Redis of this process, started when it is first asked for. Ours to harm."""
        with self._lock:
            if self._redis is None:
                self._redis = self.another_redis()
            return self._redis

    def another_redis(self, *, guarded: bool = False) -> EmbeddedRedis:
        """Start one more Redis, for the same projects; the caller stops it.

        One that is `guarded` lets in only who shows the name and the password of its address.
        """
        hides = self._hides or guarded
        apart = self._sandbox is not None or hides
        walled = self._sandbox is not None and self._sandbox.level == "strong"
        secret = secrets.token_urlsafe() if apart else ""
        return start_redis(secret=secret, hides=hides, walled=walled)

    def close(self) -> None:
        """End everything that was started here and still runs."""
        for server in self._servers:
            server.stop()
        self._servers.clear()
        if self._spare is not None:
            self._spare.close()
            self._spare = None
        if self._redis is not None:
            self._redis.stop()
            self._redis = None
        if self._sandbox is not None:
            self._sandbox.close()
        self._folder.cleanup()

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
