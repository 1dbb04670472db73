"""One running project: where it listens, what it has printed, and its end."""

import os
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from .child import Order
from .launcher import Launcher

#: Of the checking person's environment, what a project needs to run at all.
_PASSED_ON = ["PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH"]


@dataclass
class Server:
    """A project that accepts connections at `host:port` until it is stopped."""

    process: BaseProcess
    port: int
    project: Path
    log: Path
    host: str = "127.0.0.1"

    @property
    def origin(self) -> str:
        """What a page served from here sends as its `Origin`."""
        return f"http://{self.host}:{self.port}"

    def log_size(self) -> int:
        """Return how many bytes the server has printed so far."""
        return self.log.stat().st_size

    def log_since(self, position: int) -> str:
        """Return what the server has printed after its first `position` bytes."""
        with self.log.open("rb") as file:
            file.seek(position)
            return file.read().decode("utf-8", "replace")

    def stop(self) -> None:
        """End the process at once, without ceremony, and wait for it."""
        self.process.kill()
        self.process.join()


def project_environment(settings: str, environment: dict[str, str] | None) -> dict[str, str]:
    """Return the whole environment of a project that is to see `environment` and nothing else."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {
        **passed_on,
        "DJANGO_SETTINGS_MODULE": settings,
        **(environment or {}),
    }


def start_server(
    launcher: Launcher,
    project: Path,
    log: Path,
    *,
    settings: str = "config.settings",
    environment: dict[str, str] | None = None,
    **more: Any,
) -> Server:
    """Serve `project` on a free loopback port and return when it accepts connections.

    The project sees only `environment`, the settings' name and what any program needs. What `more`
    there is to order stands in Order. Raises FailedToStart where it does not come up.
    """
    order = Order(project, log, project_environment(settings, environment), **more)
    process, port = launcher.serve(order)
    return Server(process, port, project, log)
