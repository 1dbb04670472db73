"""Clients that do not read: let go, before what waits for them fills the memory."""

import asyncio
import logging

from .metrics import DROPS

logger = logging.getLogger(__name__)

#: Seconds that a client may take to accept a frame. It takes none only once the buffers of the server
#: and of both systems are full, which is far more than a conversation fills.
PATIENCE = 10


class LetGoOfTheSlow:
    """Ends a connection whose client accepts nothing for PATIENCE seconds.

    Until then everything waits for it in the channel layer, and the pub/sub layer has no bounds.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        deadline = None

        async def send_in_time(message):
            nonlocal deadline
            async with asyncio.timeout(PATIENCE) as deadline:
                await send(message)

        try:
            await self.app(scope, receive, send_in_time)
        except TimeoutError:
            if deadline is None or not deadline.expired():
                raise
            # It does not read a close either, so none is sent: the server hangs up.
            DROPS.inc()
            logger.warning("A client that does not read was let go")
