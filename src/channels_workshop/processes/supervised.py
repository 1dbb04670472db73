"""Starting any command so that it never outlives this process; also until it says it is ready."""

import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, Queue
from typing import IO

from ..language import message
from .children import START_LIMIT, FailedToStart

_GUARDIAN = Path(__file__).with_name("guardian.py")


def start_supervised(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    output: int | IO[bytes] | None = None,
) -> "subprocess.Popen[bytes]":
    """Start `command`; it is ended when this process ends, or by `stop_supervised`.

    `output` takes both its output streams, as for subprocess.Popen.
    """
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_GUARDIAN), *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        cwd=folder,
        env=environment,
        # A terminal that is killed takes its session with it: the guardian must outlive that.
        start_new_session=True,
    )


def stop_supervised(process: "subprocess.Popen[bytes]") -> int:
    """End the command and wait for it; return its exit code."""
    if process.stdin:
        process.stdin.close()
    return process.wait()


def start_until_ready(
    command: Sequence[str],
    ready: re.Pattern[bytes],
    *,
    log: Path | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple["subprocess.Popen[bytes]", re.Match[bytes]]:
    """Start a supervised `command`; return it, and the first match of `ready` in what it prints.

    All that it prints goes to `log`, to its end. Raises FailedToStart, with what it has printed,
    where it ends before, or has not said it within START_LIMIT seconds.
    """
    process = start_supervised(
        command, folder=folder, environment=environment, output=subprocess.PIPE
    )
    assert process.stdout
    printed: list[bytes] = []
    matches: Queue[re.Match[bytes] | None] = Queue()
    arguments = (process.stdout, ready, log, printed, matches)
    threading.Thread(target=_read, args=arguments, daemon=True).start()
    try:
        found, reason = matches.get(timeout=START_LIMIT), ""
    except Empty:
        found, reason = None, str(message("It was not ready after {n:.0f} s.", n=START_LIMIT))
    if found is None:
        stop_supervised(process)
        text = b"".join(printed).decode("utf-8", "replace")
        raise FailedToStart("\n".join(filter(None, [text, reason])))
    return process, found


def _read(
    output: IO[bytes],
    ready: re.Pattern[bytes],
    log: Path | None,
    printed: list[bytes],
    matches: "Queue[re.Match[bytes] | None]",
) -> None:
    """Read to the end, whether anybody wants it or not: a full pipe would halt the command."""
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
                    matches.put(found)
    matches.put(None)
