"""What lies in the folder of a project now, its database among it, read where the project runs."""

import os
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path

from .children import START_LIMIT, Child
from .project import Start

#: Bytes of all files together that are looked at, and of the name of one.
_AT_MOST, _LONGEST_NAME = 2**26, 2**12
#: What a file counts beside its content: there may be many that are empty.
_EACH = 2**10


def stored_files(project: Path, start: Start | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each file below `project`, sorted by path.

    `start` starts a process where its files can be seen, where that is not here. Links are not
    followed; what is more than 64 MiB in all is left out.
    """
    if start is None:
        yield from _read(project)
        return
    process, pipe = start(_send, project)
    left = _AT_MOST
    try:
        with pipe:
            while left > 0 and (name := _next_bytes(process, pipe, _LONGEST_NAME)):
                content = _next_bytes(process, pipe, _AT_MOST)
                left -= len(content) + _EACH
                yield name.decode("utf-8", "replace"), content
    except (EOFError, OSError):
        pass
    finally:
        process.kill()


def _next_bytes(process: Child, pipe: Connection, most: int) -> bytes:
    """Return what is sent next. Raises EOFError or OSError where nothing is."""
    if not wait([process.sentinel, pipe], START_LIMIT):
        raise EOFError
    return pipe.recv_bytes(most)


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
