"""Handshakes with the Origin of one page or another, and how a server turns the wrong ones away."""

from .client import Client, Refused
from .mismatch import Mismatch, expect

#: What a caller may send as its Origin: "" stands for the server's own, None for no header.
OWN, MISSING, NULL = "", None, "null"
FOREIGN = ["http://elsewhere.example", "https://elsewhere.example", "http://127.0.0.1.example"]


async def turns_away(client: Client, path: str, origin: str | None) -> None:
    """Raise Mismatch unless the handshake of a caller with `origin` ends with HTTP 403."""
    caller = caller_with(origin)
    expected = f"{caller}: HTTP 403"
    try:
        await client.connect(path, who=caller, origin=origin)
    except Refused as refused:
        expect(expected, f"{caller}: HTTP {refused.status}")
    else:
        raise Mismatch(expected, f"{caller}: HTTP 101")


def caller_with(origin: str | None) -> str:
    """Return how a story names the caller that sends `origin`."""
    return {OWN: "own page", MISSING: "no Origin"}.get(origin, f"Origin: {origin}")
