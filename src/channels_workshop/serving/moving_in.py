"""How a process of ours becomes one of a project, as if it had been started there by hand."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def move_into(project: Path, environment: Mapping[str, str], log: Path | None = None) -> None:
    """Take on the folder of `project`, exactly this `environment`, and `log` for both outputs."""
    if log is not None:
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.close(file)
        # Both streams go to one file; a line must be there before the next one is begun.
        sys.stdout = open(1, "w", buffering=1, encoding="utf-8", closefd=False)
        sys.stderr = open(2, "w", buffering=1, encoding="utf-8", closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(project)
    sys.path.insert(0, str(project))
    # A module's cache is known by its time in whole seconds and its size: a quick second save
    # that changes one letter would be served from the first one's.
    sys.dont_write_bytecode = True
