"""One run of a lesson's checks on one target: the copy, its servers, the reference beside it."""

import os
import random
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..course.lesson import Lesson
from ..course.reference import write_project, write_target
from ..serving.backstage import Backstage
from ..serving.server import Server
from ..serving.starting import FailedToStart
from .agreement import DoesNotStart
from .patience import Patience

_OVERLAYS = Path(__file__).with_name("overlays")


class Session:
    """Serves temporary copies of `target` and of the reference; the target is only read."""

    def __init__(
        self,
        lesson: Lesson,
        target: Path,
        backstage: Backstage,
        seed: int,
        serving: Mapping[str, Any],
    ) -> None:
        self.lesson = lesson
        self.target = target
        self.backstage = backstage
        self.seed = seed
        self._serving = serving
        self.patience = Patience()
        # Resolved, since a traceback names real paths.
        self.folder = Path(tempfile.mkdtemp(prefix="workshop-")).resolve()
        self.project = self.folder / "target"
        write_target(lesson, target, self.project)
        self._servers: dict[str, Server] = {}
        self._broken: dict[str, FailedToStart] = {}

    def random(self, check_id: str) -> random.Random:
        """Return the randomness of one check: the same for the same seed."""
        return random.Random(f"{self.seed}/{check_id}")

    def plain(self) -> Server:
        """Return the target as its own settings have it. Raises FailedToStart."""
        return self._serve("plain", self.project)

    def observed(self) -> Server:
        """Return the target with its groups in our Redis. Raises FailedToStart."""
        if "observed" not in self._servers:
            shutil.copy(_OVERLAYS / "observed_settings.py", self.project)
            self.flush_redis()
        return self._serve(
            "observed",
            self.project,
            settings="observed_settings",
            environment={"OBSERVED_REDIS_URL": self.backstage.redis.url},
        )

    def alongside(
        self,
        name: str,
        overlay: Mapping[str, str],
        *,
        settings: str = "config.settings",
        environment: Mapping[str, str] | None = None,
    ) -> Server:
        """Return one more server of the target's own copy, database and all. Raises FailedToStart.

        `overlay`, texts by path, is laid into the copy first: settings for this server alone, say.
        """
        self.plain()  # which has laid the database out
        if name not in self._servers:
            for path, text in overlay.items():
                (self.project / path).write_text(text, encoding="utf-8", newline="\n")
        return self._serve(
            name, self.project, settings=settings, environment=environment, migrate=False
        )

    def variant(
        self,
        name: str,
        overlay: Mapping[str, str],
        *,
        settings: str = "config.settings",
        serve: Callable[[Path, Path], Server] | None = None,
    ) -> Server:
        """Return another copy of the target with `overlay`, texts by path, laid over it.

        `serve(project, log)` starts it, where it is not to be started as `plain` is. Raises
        FailedToStart where the target as it is does not start, DoesNotStart where this copy does
        not.
        """
        self.plain()
        if name not in self._servers:
            project, log = self.folder / f"target-{name}", self.folder / f"{name}.log"
            write_target(self.lesson, self.target, project)
            for path, text in overlay.items():
                (project / path).write_text(text, encoding="utf-8", newline="\n")
            try:
                if serve:
                    self._servers[name] = serve(project, log)
                else:
                    options = {**self._serving, "settings": settings}
                    self._servers[name] = self.backstage.serve(project, log, **options)
            except FailedToStart as failed:
                raise DoesNotStart(failed.traceback, project) from None
        return self._servers[name]

    def reference(self) -> Server:
        """Return the reference project, to hold the target's answers against."""
        project = self.folder / "reference"
        if "reference" not in self._servers:
            write_project(self.lesson, project)
        return self._serve("reference", project)

    def flush_redis(self) -> None:
        """Forget what an earlier run has left in our Redis."""
        import redis

        with redis.Redis.from_url(self.backstage.redis.url) as client:
            client.flushall()

    def _serve(
        self,
        name: str,
        project: Path,
        *,
        settings: str = "config.settings",
        environment: Mapping[str, str] | None = None,
        **more: object,
    ) -> Server:
        if name in self._broken:
            raise self._broken[name]
        if name not in self._servers:
            log = self.folder / f"{name}.log"
            options = {**self._serving, "settings": settings, **more}
            options["environment"] = {**options.get("environment", {}), **(environment or {})}
            try:
                self._servers[name] = self.backstage.serve(project, log, **options)
            except FailedToStart as failed:
                # The copy's place is of no interest; the learner knows the paths inside it.
                told = failed.traceback.replace(f"{project}{os.sep}", "")
                self._broken[name] = FailedToStart(told)
                raise self._broken[name] from None
        return self._servers[name]

    def close(self) -> None:
        """End the servers and remove the copies."""
        for server in self._servers.values():
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
