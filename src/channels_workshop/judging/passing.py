"""A server of the target for which an hour passes in a moment: see `overlays/passing_clock.py`."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from ..processes.project import ProjectServer
from .client import Client
from .groups import NotObserved, laid_over
from .patience import Patience
from .servers import Servers
from .timeline import Timeline

#: Seconds from a ping to the next, for servers whose time is let pass.
NO_PING = 10.0**6
#: What is laid over a project whose time is let pass, texts by name.
CLOCK = laid_over("passing_clock.py")
_OVERLAY = laid_over("passing_*.py", "side_door.py")

#: Lets so many seconds pass.
LetPass = Callable[[float], Awaitable[None]]


def serve_passing(servers: Servers) -> ProjectServer:
    """Return such a server, started once. Raises as `Servers.variant` does."""
    options = replace(
        servers.options,
        settings="passing_settings",
        in_front="passing_door:door",
        ping_interval=NO_PING,
    )
    return servers.variant("passing", _OVERLAY, options)


async def let_pass(server: ProjectServer, patience: Patience, seconds: float) -> None:
    """Let so many seconds pass for a server of `serve_passing`. Raises NotObserved."""
    # Not in the story of the check: what is asked here, no browser asks.
    client = Client(server, Timeline(), patience=patience)
    try:
        response = await client.get("/.passing/", params={"seconds": seconds})
    finally:
        await client.leave()
    if response.status_code != 200:
        raise NotObserved
