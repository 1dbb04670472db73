"""While Redis is away: whoever comes is told so, and asked to try again later."""

import logging

from redis.exceptions import RedisError

from .consumers import ROOM_REFUSED
from .frames import error_frame
from .rooms import is_room_name

logger = logging.getLogger(__name__)

TRY_AGAIN_LATER = 1013


class TryAgainLater:
    """Turns away whoever cannot be let in for want of Redis; it stands around the route of a room."""

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
            logger.warning("Redis is away, so nobody comes in: %s", error)
            # A room that there cannot be is refused, whatever Redis does: its close is final.
            code, close = "unavailable", TRY_AGAIN_LATER
            if not is_room_name(scope["url_route"]["kwargs"]["room"]):
                code, close = "bad_room", ROOM_REFUSED
            # A connection may also fail between its accept and the moment in which it is counted.
            if not accepted:
                await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": error_frame(code)})
            await send({"type": "websocket.close", "code": close})

    # --8<-- [end:turn_away]
