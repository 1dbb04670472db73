"""While Redis is away: whoever comes is told so, and asked to try again later."""

import logging

from redis.exceptions import RedisError

from .frames import error_frame

logger = logging.getLogger(__name__)

TRY_AGAIN_LATER = 1013


class TryAgainLater:
    """Turns away whoever cannot be let in for want of Redis; whoever is in stays in."""

    def __init__(self, app):
        self.app = app

    # --8<-- [start:turn_away]
    async def __call__(self, scope, receive, send):
        accepted = False

        async def send_on(message):
            nonlocal accepted
            accepted = accepted or message["type"] == "websocket.accept"
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        # Of redis-py's own kind: `except ConnectionError` would not catch its ConnectionError.
        except RedisError as error:
            if accepted:
                raise
            logger.warning("Redis is away, so nobody comes in: %s", error)
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": error_frame("unavailable")})
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})

    # --8<-- [end:turn_away]
