"""What lies in the folder of a project now, its database among it, read where the project runs."""

import os
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from .project import Start

#: Bytes of all files together that are looked at.
_AT_MOST = 2**26


def stored_files(project: Path, start: Start | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each file below `project`, sorted by path.

    `start` starts a process where its files can be seen, where that is not here. Links are not
    followed; what is more than 64 MiB in all is left out.
    """
    if start is None:
        yield from _read(project)
        return
    process, pipe = start(_send, project)
    try:
        with pipe:
            while name := pipe.recv_bytes(_AT_MOST):
                yield name.decode("utf-8", "replace"), pipe.recv_bytes(_AT_MOST)
    except (EOFError, OSError):
        pass
    finally:
        process.kill()


def _send(pipe: Connection, project: Path) -> None:
    for name, content in _read(project):
        pipe.send_bytes(name.encode("utf-8", "replace"))
        pipe.send_bytes(content)
    pipe.send_bytes(b"")


def _read(project: Path) -> Iterator[tuple[str, bytes]]:
    left = _AT_MOST
    for folder, folders, names in os.walk(project):
        folders.sort()
        for path in (Path(folder, name) for name in sorted(names)):
            if not path.is_file() or path.is_symlink() or path.stat().st_size > left:
                continue
            content = path.read_bytes()
            left -= len(content)
            yield path.name, content
