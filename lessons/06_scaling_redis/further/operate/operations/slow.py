"""Clients that do not read: what waits for them is bounded."""

import asyncio
import logging
from collections import deque

from .metrics import DROPS

logger = logging.getLogger(__name__)

#: Characters, of all frames that wait for one client: far more than a conversation fills, even while
#: a train is in a tunnel.
MOST_WAITING = 8 * 1024**2
#: Seconds for what still waits when a connection ends.
PATIENCE = 5


class LetGoOfTheSlow:
    """Has frames wait for a client that is slow to read; when too much waits, it is let go.

    So no consumer ever waits for its client. If it did, all else would wait for it in the channel
    layer; and the pub/sub layer has no bounds, and never forgets what waits for a consumer that ends
    in the middle of an event.
    """

    def __init__(self, app):
        self.app = app

    # --8<-- [start:let_go]
    async def __call__(self, scope, receive, send):
        outbox = deque()
        waiting = 0
        accepted = False
        sending = None  # a task, while there is something to send

        async def put(message):
            nonlocal accepted, waiting, sending
            if not accepted:  # nothing waits yet
                await send(message)
                accepted = message["type"] == "websocket.accept"
                return
            outbox.append(message)
            waiting += _size(message)
            if waiting > MOST_WAITING and not limit.expired():
                limit.reschedule(0)
            if sending is None or sending.done():
                sending = asyncio.create_task(send_all())

        async def send_all():
            nonlocal waiting
            try:
                while outbox:
                    await send(outbox[0])
                    waiting -= _size(outbox.popleft())
            # The connection is gone, as `receive` tells the application. RuntimeError is what uvicorn
            # says of one that it has closed itself.
            except (OSError, RuntimeError) as error:
                logger.info("What waited for a client was not sent: %r", error)
                outbox.clear()
                waiting = 0

        try:
            async with asyncio.timeout(None) as limit:
                await self.app(scope, receive, put)
                limit.reschedule(asyncio.get_running_loop().time() + PATIENCE)
                if sending is not None:
                    await sending
        except TimeoutError:
            if not limit.expired():
                raise
            # It does not read a close either, so none is sent: the server hangs up.
            DROPS.inc()
            logger.warning("A client that does not read was let go")
        finally:
            outbox.clear()  # megabytes perhaps, and the garbage is collected much later
            if sending is not None:
                sending.cancel()

    # --8<-- [end:let_go]


def _size(message):
    return len(message.get("text") or message.get("bytes") or "")
