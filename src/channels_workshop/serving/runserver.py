"""A project behind `manage.py runserver`, as a developer starts it by hand."""

import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import IO

from ..language import _
from .guarded import start_guarded, stop_guarded
from .launcher import START_PATIENCE, FailedToStart
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
    process = start_guarded(
        command,
        folder=project,
        environment=project_environment(settings, environment),
        output=subprocess.PIPE,
    )
    assert process.stdout
    ports: Queue[int | None] = Queue()
    threading.Thread(target=_copy, args=(process.stdout, log, ports), daemon=True).start()
    try:
        port = ports.get(timeout=START_PATIENCE)
    except Empty:
        stop_guarded(process)
        raise FailedToStart(
            _("It neither served nor failed for {n:.0f} s.", n=START_PATIENCE)
        ) from None
    if port is None:
        stop_guarded(process)
        raise FailedToStart(log.read_text(encoding="utf-8", errors="replace"))
    return Runserver(process, port, project, log)


def _copy(printed: IO[bytes], log: Path, ports: "Queue[int | None]") -> None:
    """Copy what the command prints to `log`, to its end; tell the port, or None where it ends."""
    with printed, log.open("ab", buffering=0) as file:
        for line in printed:
            file.write(line)
            if found := _READY.search(line):
                ports.put(int(found[1]))
    ports.put(None)
