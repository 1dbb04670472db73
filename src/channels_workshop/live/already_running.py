"""One `up` for one workspace: where it is, so that a second one can say so."""

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

#: In the workspace, while an `up` serves it.
FILE = ".up.json"
#: Where an `up` says which workspace it serves.
PATH = "live/workspace/"

#: Seconds that a running `up` gets to answer.
_PATIENCE = 2


def address_of_running(workspace: Path) -> str | None:
    """Return where an `up` serves `workspace`, None where none does, whatever the file says."""
    try:
        address = str(json.loads((workspace / FILE).read_bytes())["address"])
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address + PATH, timeout=_PATIENCE) as answer:
            return address if answer.read().decode() == str(workspace) else None
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        # None, a stale one, or something else that answers.
        return None


@contextlib.contextmanager
def announced(workspace: Path, address: str) -> Iterator[None]:
    """Leave word in `workspace` that it is served at `address`, for as long as the context lasts."""
    file = workspace / FILE
    with contextlib.suppress(OSError):  # a workspace that cannot be written has other problems
        workspace.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"address": address}), encoding="utf-8")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
