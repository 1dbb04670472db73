"""The server as a witness: what it printed while a check went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..serving.server import Server
from .agreement import Departure


@contextmanager
def heard(server: Server) -> Iterator[None]:
    """Give a Departure that is raised within what `server` has printed meanwhile.

    For checks that talk to a server without a browser of their own from the plug-in's fixtures.
    """
    position = server.log_size()
    try:
        yield
    except Departure as departure:
        departure.printed, departure.project = server.log_since(position), server.project
        raise
