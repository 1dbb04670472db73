"""Starts projects as servers, and one Redis; keeps the next start warm; ends everything."""

import tempfile
import threading
from dataclasses import replace
from pathlib import Path

from .children import CAN_FORK, FailedToStart
from .options import ServerOptions
from .project import ProjectProcess, ProjectServer
from .redis import EmbeddedRedis, start_redis


class Supervisor:
    """What is running for this process. Use it as a context manager, or `close` it.

    Where the system can fork, each server is forked from a process that has everything imported;
    elsewhere one spare process, with the same imports done, waits while the last one serves.
    Servers may be started from several threads.
    """

    def __init__(self, forks: bool = CAN_FORK) -> None:
        self._forks = forks
        self._spare: ProjectProcess | None = None
        self._lock = threading.Lock()
        self._redis: EmbeddedRedis | None = None
        self._databases = tempfile.TemporaryDirectory(
            prefix="workshop-", ignore_cleanup_errors=True
        )

    def warm(self) -> None:
        """Begin the slow half of the next server's start now, in the background."""
        if self._spare is None:
            self._spare = ProjectProcess(forks=self._forks)

    def serve(
        self, project: Path, log: Path, options: ServerOptions | None = None
    ) -> ProjectServer:
        """Serve `project` on a free loopback port; return when it accepts connections.

        Raises FailedToStart with the project's own traceback where it does not come up.
        """
        options = options or ServerOptions()
        if options.databases is None:
            options = replace(options, databases=Path(self._databases.name))
        with self._lock:
            self.warm()
            assert self._spare is not None
            process, self._spare = self._spare, None
        failure = process.load(project, log, options)
        if failure:
            process.close()
            raise FailedToStart(failure)
        return ProjectServer(process.process, process.serve(), project, log)

    @property
    def redis(self) -> EmbeddedRedis:
        """The Redis of this process, started when it is first asked for. Ours to harm."""
        with self._lock:
            if self._redis is None:
                self._redis = start_redis()
            return self._redis

    def close(self) -> None:
        """End everything that was kept."""
        if self._spare is not None:
            self._spare.close()
            self._spare = None
        if self._redis is not None:
            self._redis.stop()
            self._redis = None
        self._databases.cleanup()

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
