"""Commands that print when they are ready: servers of another make."""

import re
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, Queue
from typing import IO

from ..language import _
from .guarded import start_guarded, stop_guarded
from .starting import START_PATIENCE, FailedToStart


def start_announced(
    command: Sequence[str],
    ready: re.Pattern[bytes],
    *,
    log: Path | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple["subprocess.Popen[bytes]", re.Match[bytes]]:
    """Start a guarded `command`; return it, and the first find of `ready` in what it prints.

    All that it prints goes to `log`, to its end. Raises FailedToStart, with what it has printed,
    where it ends before, or has not said it within START_PATIENCE seconds.
    """
    process = start_guarded(command, folder=folder, environment=environment, output=subprocess.PIPE)
    assert process.stdout
    printed: list[bytes] = []
    finds: Queue[re.Match[bytes] | None] = Queue()
    arguments = (process.stdout, ready, log, printed, finds)
    threading.Thread(target=_read, args=arguments, daemon=True).start()
    try:
        found, reason = finds.get(timeout=START_PATIENCE), ""
    except Empty:
        found, reason = None, _("It neither served nor failed for {n:.0f} s.", n=START_PATIENCE)
    if found is None:
        stop_guarded(process)
        words = b"".join(printed).decode("utf-8", "replace")
        raise FailedToStart("\n".join(filter(None, [words, reason])))
    return process, found


def _read(
    output: IO[bytes],
    ready: re.Pattern[bytes],
    log: Path | None,
    printed: list[bytes],
    finds: "Queue[re.Match[bytes] | None]",
) -> None:
    """Read to the end, whoever wants it: a full pipe would halt the command."""
    is_ready = False
    with ExitStack() as open_files:
        open_files.enter_context(output)
        file = open_files.enter_context(log.open("ab", buffering=0)) if log else None
        for line in output:
            if file:
                file.write(line)
            if not is_ready:
                printed.append(line)
                if found := ready.search(line):
                    is_ready = True
                    finds.put(found)
    finds.put(None)
