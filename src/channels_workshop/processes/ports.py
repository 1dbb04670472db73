"""Addresses on this machine: the wanted port, or the next free one."""

import os
import socket

from ..errors import WorkshopError
from ..language import message

HOST = "127.0.0.1"

#: How many ports, counted from the wanted one, are tried.
_TRIES = 100
_QUEUE = 128


def listen(wanted: int, host: str = HOST) -> socket.socket:
    """Return a socket that listens on port `wanted` of `host`, or on the next one that is free.

    Raises WorkshopError where none of a hundred is.
    """
    for port in range(wanted, min(wanted + _TRIES, 65536)):
        if listener := _listening(port, host):
            return listener
    raise WorkshopError(
        message("No port from {port} on is free.", port=wanted),
        message("Name another: --port {port}", port=20000),
    )


def listen_exactly(port: int, host: str) -> socket.socket:
    """Return a socket that listens on this `port` of `host`. Raises WorkshopError if it is taken."""
    if listener := _listening(port, host):
        return listener
    raise WorkshopError(
        message("Port {port} of {host} is taken.", port=port, host=host),
        message("End what runs there, or name another port: --port {port}", port=20000),
    )


def port_of(listener: socket.socket) -> int:
    """Return the port that `listener` is on."""
    return int(listener.getsockname()[1])


def address_of(listener: socket.socket, host: str = HOST) -> str:
    """Return what a person types into a browser to get there; `host` is what they call it."""
    return address_at(host, port_of(listener))


def address_at(host: str, port: int) -> str:
    """Return what a person types into a browser to get to that port of `host`."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/"


def free_port() -> int:
    """Return a loopback port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _listening(port: int, host: str) -> socket.socket | None:
    return None if _answers(port, host) else _bound(port, host)


def _answers(port: int, host: str) -> bool:
    # macOS and Windows let us bind 127.0.0.1 over another program's 0.0.0.0: ask before.
    family, place = _place(port, host)
    with socket.socket(family) as probe:
        probe.settimeout(1)
        return probe.connect_ex(place) == 0


def _bound(port: int, host: str) -> socket.socket | None:
    family, place = _place(port, host)
    listener = socket.socket(family)
    if os.name == "posix":  # elsewhere the option lets two programs share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(place)
        listener.listen(_QUEUE)
    except OSError:
        listener.close()
        return None
    return listener


def _place(port: int, host: str) -> tuple[socket.AddressFamily, tuple[object, ...]]:
    """Return the family and the address of a socket for the numeric address `host`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    family, _type, _protocol, _name, place = found[0]
    return family, place
