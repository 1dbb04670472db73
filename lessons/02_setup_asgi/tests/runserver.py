"""A project behind `manage.py runserver`, as a developer starts it by hand."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from channels_workshop.processes.options import ServerOptions, project_environment
from channels_workshop.processes.project import ProjectServer
from channels_workshop.processes.supervised import start_until_ready, stop_supervised

#: What daphne logs once it accepts; the project's settings must let `daphne.server` through.
_READY = re.compile(rb"Listening on TCP address 127\.0\.0\.1:(\d+)")


@dataclass
class Runserver(ProjectServer):
    """The server of a running `manage.py runserver`."""

    process: "subprocess.Popen[bytes]"  # type: ignore[assignment]

    def stop(self) -> None:
        """End the command and wait for it."""
        stop_supervised(self.process)


def start_runserver(project: Path, log: Path, options: ServerOptions) -> Runserver:
    """Run daphne's `runserver` on a free loopback port; return when it accepts connections.

    Raises FailedToStart, with all that it has printed, where it ends before.
    """
    command = [sys.executable, "-u", "manage.py", "runserver", "--noreload", "127.0.0.1:0"]
    process, ready = start_until_ready(
        command, _READY, log=log, folder=project, environment=project_environment(options)
    )
    return Runserver(process, int(ready[1]), project, log)
