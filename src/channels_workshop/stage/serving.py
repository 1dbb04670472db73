"""A server, in this process, for pages of ours that are served from within a verb."""

import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from ..processes.network import SharedHost
from ..processes.ports import HOST, listen, listen_exactly, port_of

#: Seconds that open pages get to say goodbye.
_GOODBYE = 2


def listeners_at(
    port: int, host: SharedHost | None, exactly: bool = False
) -> Iterator[socket.socket]:
    """Yield what listens on loopback, and at `host` on the same port.

    That is `port`, or the next free one unless it has to be `exactly` that. Raises WorkshopError where
    it is taken.
    """
    first = host.address if host and host.is_everywhere else HOST
    listener = listen_exactly(port, first) if exactly else listen(port, first)
    yield listener
    if host and host.address not in (first, HOST):
        yield listen_exactly(port_of(listener), host.address)


def server_of(
    application: Any, kind: type[uvicorn.Server] = uvicorn.Server, **options: Any
) -> uvicorn.Server:
    """Return a server, of that kind, for an ASGI application and its lifespan; it prints nothing.

    `options` are more of uvicorn's own.
    """
    config = uvicorn.Config(
        application,
        lifespan="on",
        log_config=None,
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=_GOODBYE,
        **options,
    )
    return kind(config)
