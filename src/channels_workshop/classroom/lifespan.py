"""The server's life: the classroom opens when it starts and closes before it ends."""

import asyncio
from typing import Any

from .consumers import Panels


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer the server's lifespan events (ASGI)."""
    classroom = scope["classroom"]
    await receive()
    classroom.open(Panels(asyncio.get_running_loop()))
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await asyncio.to_thread(classroom.close)
    await send({"type": "lifespan.shutdown.complete"})
