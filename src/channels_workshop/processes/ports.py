"""Addresses on this machine: the wanted port, or the next free one."""

import os
import socket

from ..errors import WorkshopError
from ..language import message

HOST = "127.0.0.1"

#: How many ports, counted from the wanted one, are tried.
_TRIES = 100
_QUEUE = 128


def listen(wanted: int) -> socket.socket:
    """Return a socket that listens on loopback port `wanted`, or on the next one that is free.

    Raises WorkshopError where none of a hundred is.
    """
    for port in range(wanted, min(wanted + _TRIES, 65536)):
        if not _answers(port) and (listener := _bound(port)):
            return listener
    raise WorkshopError(
        message("No port from {port} on is free.", port=wanted),
        message("Name another: --port {port}", port=20000),
    )


def port_of(listener: socket.socket) -> int:
    """Return the port that `listener` is on."""
    return int(listener.getsockname()[1])


def address_of(listener: socket.socket) -> str:
    """Return what a person types into a browser to get there."""
    return f"http://{HOST}:{port_of(listener)}/"


def free_port() -> int:
    """Return a loopback port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    # macOS and Windows let us bind 127.0.0.1 over another program's 0.0.0.0: ask before.
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _bound(port: int) -> socket.socket | None:
    listener = socket.socket()
    if os.name == "posix":  # elsewhere the option lets two programs share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(_QUEUE)
    except OSError:
        listener.close()
        return None
    return listener
