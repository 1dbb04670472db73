"""What is kept warm between two checks: the launcher and a Redis."""

from pathlib import Path

from .launcher import Launcher
from .redis import EmbeddedRedis, start_redis
from .server import Server, start_server


class Backstage:
    """Starts projects for one checking process. Use it as a context manager, or `close` it."""

    def __init__(self, launcher: Launcher | None = None) -> None:
        self._launcher = launcher or Launcher()
        self._redis: EmbeddedRedis | None = None

    def warm(self) -> None:
        """Begin the next server's start in the background."""
        self._launcher.warm()

    def serve(self, project: Path, log: Path, **options: object) -> Server:
        """Start a project; the options are those of `start_server`."""
        return start_server(self._launcher, project, log, **options)  # type: ignore[arg-type]

    @property
    def redis(self) -> EmbeddedRedis:
        """The Redis of this process, started when it is first asked for. Ours to harm."""
        if self._redis is None:
            self._redis = start_redis()
        return self._redis

    def close(self) -> None:
        """End everything that was kept."""
        self._launcher.close()
        if self._redis is not None:
            self._redis.stop()
            self._redis = None

    def __enter__(self) -> "Backstage":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
