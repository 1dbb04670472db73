"""A project behind `manage.py runserver`, as a developer starts it by hand."""

import re
from pathlib import Path

from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.project import ProjectServer
from channels_workshop.processes.supervisor import Supervisor

#: What daphne logs once it accepts; the project's settings must let `daphne.server` through.
_READY = re.compile(r"Listening on TCP address 127\.0\.0\.1:(\d+)")


def start_runserver(
    supervisor: Supervisor, project: Path, log: Path, options: ServerOptions
) -> ProjectServer:
    """Run daphne's `runserver` on a free loopback port; return when it accepts connections.

    Raises FailedToStart, with all that it has printed, where it ends before.
    """
    command = ["manage.py", "runserver", "--noreload", "127.0.0.1:0"]
    program = supervisor.start_program(project, command, options, log)
    ready = program.until(_READY)
    return ProjectServer(program.process, int(ready[1]), project, log)
