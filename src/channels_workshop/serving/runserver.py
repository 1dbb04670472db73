"""A project behind `manage.py runserver`, as a developer starts it by hand."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .announced import start_announced
from .guarded import stop_guarded
from .server import Server, project_environment

#: What daphne logs once it accepts; the project's settings must let `daphne.server` through.
_READY = re.compile(rb"Listening on TCP address 127\.0\.0\.1:(\d+)")


@dataclass
class Runserver(Server):
    """The server of a running `manage.py runserver`."""

    process: "subprocess.Popen[bytes]"  # type: ignore[assignment]

    def stop(self) -> None:
        """End the command and wait for it."""
        stop_guarded(self.process)


def start_runserver(
    project: Path,
    log: Path,
    *,
    settings: str = "config.settings",
    environment: dict[str, str] | None = None,
) -> Runserver:
    """Run daphne's `runserver` on a free loopback port; return when it accepts connections.

    Raises FailedToStart, with all that it has printed, where it ends before.
    """
    command = [sys.executable, "-u", "manage.py", "runserver", "--noreload", "127.0.0.1:0"]
    process, ready = start_announced(
        command,
        _READY,
        log=log,
        folder=project,
        environment=project_environment(settings, environment),
    )
    return Runserver(process, int(ready[1]), project, log)
