"""Clients that do not read: let go, before what waits for them fills the memory."""

import asyncio
import logging
import time

from .metrics import DROPS

logger = logging.getLogger(__name__)

#: Seconds that a client may take to accept a frame. It takes none only once the buffers of the server
#: and of both systems are full, which is far more than a conversation fills.
PATIENCE = 10


class LetGoOfTheSlow:
    """Ends a connection whose client accepts nothing for PATIENCE seconds, or half as long again.

    Until then everything waits for it in the channel layer, and the pub/sub layer has no bounds.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        waiting_since = None

        async def send_and_note(message):
            nonlocal waiting_since
            waiting_since = time.monotonic()
            try:
                await send(message)
            finally:
                waiting_since = None

        # A look now and then. A timeout around each `send` would cost as much as the sending.
        async def watch():
            while True:
                await asyncio.sleep(PATIENCE / 2)
                if waiting_since is not None and time.monotonic() - waiting_since > PATIENCE:
                    deadline.reschedule(0)
                    return

        watching = asyncio.create_task(watch())
        try:
            async with asyncio.timeout(None) as deadline:
                await self.app(scope, receive, send_and_note)
        except TimeoutError:
            if not deadline.expired():
                raise
            # It does not read a close either, so none is sent: the server hangs up.
            DROPS.inc()
            logger.warning("A client that does not read was let go")
        finally:
            watching.cancel()
