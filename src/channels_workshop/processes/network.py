"""This machine in its network: which addresses are its own, and by which others reach it."""

import ipaddress
import socket
from dataclasses import dataclass

from ..errors import WorkshopError
from ..language import Message, message

#: An address that is made for documentation: a route to it is a route to everybody. Nothing is sent.
_ELSEWHERE = ("192.0.2.1", 9)


@dataclass(frozen=True)
class SharedHost:
    """Where others in the network reach this machine.

    `name` is what they call it in a browser: a name or an address. `address`, a number, is where to
    listen; it may stand for all addresses of this machine.
    """

    name: str
    address: str

    @property
    def is_everywhere(self) -> bool:
        """Whether it stands for all addresses of this machine, loopback among them."""
        return ipaddress.ip_address(self.address.partition("%")[0]).is_unspecified

    @property
    def is_private(self) -> bool:
        """Whether it can be reached from this machine alone."""
        return ipaddress.ip_address(self.address.partition("%")[0]).is_loopback


def shared_host(wanted: str) -> SharedHost:
    """Return the host that a person calls `wanted`: a name, an address, or `0.0.0.0` for all.

    Raises WorkshopError where it is unknown, or is not this machine's.
    """
    wanted = wanted.strip().removeprefix("[").removesuffix("]")
    address = _resolved(wanted)
    if ipaddress.ip_address(address.partition("%")[0]).is_unspecified:
        return SharedHost(_own_name(wanted), address)
    if not _is_own(address):
        raise WorkshopError(
            message("{host} is not an address of this machine.", host=wanted), _suggestion()
        )
    return SharedHost(wanted.lower(), address)


def address_in_network() -> str | None:
    """Return the address by which this machine speaks to others; None where it is in no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)  # chooses a way, and sends nothing
        except OSError:
            return None
        return str(probe.getsockname()[0])


def _resolved(host: str) -> str:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):  # the latter: a name with an empty or an endless label
        found = []
    if not found:
        raise WorkshopError(message("There is no host “{host}”.", host=host), _suggestion())
    return str(found[0][4][0])


def _is_own(address: str) -> bool:
    family, _type, _protocol, _name, place = socket.getaddrinfo(address, 0)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(place)
        except OSError:
            return False
    return True


def _own_name(wanted: str) -> str:
    name = address_in_network()
    if name is None:
        raise WorkshopError(
            message("{host} means every network, and this machine is in none.", host=wanted),
            message("Connect it to the network in which the others are."),
        )
    return name


def _suggestion() -> Message:
    if own := address_in_network():
        return message("This machine’s address in the network: --host {address}", address=own)
    return message("This machine is in no network. Connect it to the one in which the others are.")
