"""Open connections: who was let in is asked about again and again."""

import asyncio
import logging

from django.conf import settings

from .refusal import UNAUTHORIZED, UNAUTHORIZED_FRAME
from .visitors import is_welcome

logger = logging.getLogger(__name__)


async def while_welcome(visitor, app, scope, receive, send):
    """Run `app` on a connection; end it within REVOKE_WITHIN seconds after a revocation."""
    watched = _Watched(visitor, send)
    try:
        await app(scope, receive, watched.send)
    finally:
        watched.stop()


class _Watched:
    """The way out of one connection, from its accept to its close."""

    def __init__(self, visitor, send):
        self._visitor = visitor
        self._send = send
        self._closed = False
        self._watch = None

    async def send(self, message):
        if self._closed:  # the application learns of that a moment later than we do
            return
        self._closed = message["type"] == "websocket.close"
        await self._send(message)
        if message["type"] == "websocket.accept":
            self._watch = asyncio.create_task(self._end_when_unwelcome())

    def stop(self):
        if self._watch is not None:
            self._watch.cancel()

    async def _end_when_unwelcome(self):
        welcome = True
        while welcome:
            await asyncio.sleep(settings.REVOKE_WITHIN / 2)
            try:
                welcome = await is_welcome(self._visitor)
            except Exception:
                logger.exception("Whoever cannot be asked about does not stay")
                welcome = False
        # The server tells the application, as it does for any other close.
        await self.send({"type": "websocket.send", "text": UNAUTHORIZED_FRAME})
        await self.send({"type": "websocket.close", "code": UNAUTHORIZED})
