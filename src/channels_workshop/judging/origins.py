"""Handshakes with the Origin of one page or another, and how a server turns the wrong ones away."""

from collections.abc import Mapping
from types import MappingProxyType

from ..processes.project import ProjectServer
from .client import Client, Refused
from .mismatch import Mismatch, expect
from .some import Some

#: What a caller may send as its Origin: "" stands for the server's own, None for no header.
OWN, MISSING, NULL = "", None, "null"
FOREIGN = [
    "http://elsewhere.example",
    "https://elsewhere.example",
    "http://127.0.0.1.example",
    "http://tea.127.0.0.1",
]


def foreign(server: ProjectServer, some: Some) -> list[str]:
    """Return Origins of every foreign kind: strange names, and those that look like the server's own."""
    name = some.word()
    return [
        *FOREIGN,
        f"http://{name}.example",
        f"http://{name}.example:{server.port}",
        f"https://{name}.example:8443",
        f"http://{server.host}.{name}.example:{server.port}",
        f"http://localhost.{name}.example",
        f"http://{name}-localhost",
        f"http://{name}.localhost:{server.port}",
        f"http://{name}{server.host}:{server.port}",
        f"http://{name}-{server.host}:{server.port}",
        # Read as a pattern, `127.0.0.1` is each of these too, and `[::1]` the last.
        f"http://{server.host.replace('.', '-')}:{server.port}",
        f"http://{server.host.replace('.', 'a')}",
        f"http://1:{server.port}",
        f"http://192.0.2.7:{server.port}",
        "http://[2001:db8::7]",
        f"moz-extension://{name}",
    ]


async def turns_away(
    client: Client,
    path: str,
    origin: str | None,
    *,
    host: str | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Raise Mismatch unless the handshake of a caller with `origin` ends with HTTP 403.

    `host` is what its header `Host` names, the server's own unless given; `headers` are further ones.
    """
    caller = caller_with(origin)
    expected = f"{caller}: HTTP 403"
    try:
        await client.connect(path, who=caller, origin=origin, host=host, headers=headers)
    except Refused as refused:
        expect(expected, refused.told_of(caller))
    else:
        raise Mismatch(expected, f"{caller}: HTTP 101")


def caller_with(origin: str | None) -> str:
    """Return how a story names the caller that sends `origin`."""
    return {OWN: "own page", MISSING: "no Origin"}.get(origin, f"Origin: {origin}")
