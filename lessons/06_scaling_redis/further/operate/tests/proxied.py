"""A chat behind nginx: does it let silence last, as long as the server pings in time?"""

import asyncio
import re
from collections.abc import Iterable

from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.typing import Origin
from websockets.uri import parse_uri

#: nginx' own, where a configuration says nothing. Seconds, like all times here.
DEFAULT_READ_TIMEOUT = 60.0

_READ_TIMEOUT = re.compile(r"(?<=\bproxy_read_timeout )[^;]+(?=;)")
_HTTP = re.compile(r"^http\s*\{", re.MULTILINE)
_PART = re.compile(r"(\d+)(ms|[smhdwMy]?)")
_UNITS = {"ms": 0.001, "": 1, "s": 1, "m": 60, "h": 3600}
_UNITS |= {"d": 86_400, "w": 604_800, "M": 2_592_000, "y": 31_536_000}


def read_timeout(configuration: str) -> float:
    """Return the shortest `proxy_read_timeout` of an nginx.conf."""
    return min(map(_seconds, _READ_TIMEOUT.findall(configuration)), default=DEFAULT_READ_TIMEOUT)


def with_read_timeout(configuration: str, seconds: float) -> str:
    """Return an nginx.conf with that `proxy_read_timeout` in place of whatever it had."""
    wanted = f"{round(seconds * 1000)}ms"
    text, count = _READ_TIMEOUT.subn(wanted, configuration)
    if count:
        return text
    return _HTTP.sub(lambda found: f"{found[0]}\nproxy_read_timeout {wanted};", configuration)


def _seconds(time: str) -> float:
    """Return a time as nginx writes it, such as `1m 30s`, in seconds."""
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(time))


async def count_pings(
    origin: str, path: str, wanted: int, headers: Iterable[tuple[str, str]] = ()
) -> int:
    """Open a WebSocket and say nothing on it, but answer pings, as a browser does.

    Return how many have come when it was cut off, or `wanted`; 0 where it never opened.
    """
    uri = parse_uri(origin.replace("http:", "ws:") + path)
    protocol = ClientProtocol(uri, origin=Origin(origin))
    request = protocol.connect()
    request.headers.update(headers)
    protocol.send_request(request)
    reader, writer = await asyncio.open_connection(uri.host, uri.port)
    pings = 0
    try:
        while pings < wanted:
            writer.write(b"".join(protocol.data_to_send()))
            data = await reader.read(4096)
            if not data:
                break
            protocol.receive_data(data)
            if protocol.handshake_exc:
                break
            for event in protocol.events_received():
                pings += getattr(event, "opcode", None) is Opcode.PING
    finally:
        writer.transport.abort()
    return pings
