"""Starting any command so that it never outlives this process."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_GUARDIAN = Path(__file__).with_name("guardian.py")


def start_guarded(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    output: int | IO[bytes] | None = None,
) -> "subprocess.Popen[bytes]":
    """Start `command`; it is ended when this process ends, or by `stop_guarded`.

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


def stop_guarded(process: "subprocess.Popen[bytes]") -> int:
    """End the command and wait for it; return its exit code."""
    if process.stdin:
        process.stdin.close()
    return process.wait()
