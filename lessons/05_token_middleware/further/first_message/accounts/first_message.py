"""A rung of the ladder: the token in the first message, which must come before a deadline."""

import asyncio
import json
import os

#: Seconds.
DEADLINE = float(os.environ.get("FIRST_MESSAGE_SECONDS", "5"))


class TokenByFirstMessage:
    """Turns the first message, `{"token": "…"}`, into the header that the doorkeeper inside reads."""

    def __init__(self, app):
        self.app = app

    # --8<-- [start:rung]
    async def __call__(self, scope, receive, send):
        connect = await receive()
        await send({"type": "websocket.accept"})  # before anybody knows who it is
        try:
            async with asyncio.timeout(DEADLINE):
                first = await receive()
        except TimeoutError:
            first = {"type": "websocket.receive"}
        if first["type"] == "websocket.disconnect":
            return
        shown = (b"authorization", read_token(first))
        again = [connect]

        async def receive_from_the_start():
            return again.pop() if again else await receive()

        async def send_the_rest(message):
            if message["type"] != "websocket.accept":  # sent above
                await send(message)

        scope = {**scope, "headers": [*scope["headers"], shown]}
        await self.app(scope, receive_from_the_start, send_the_rest)

    # --8<-- [end:rung]


def read_token(event):
    """Return the header's value for the token in a message; a bad one where there is none."""
    try:
        token = json.loads(event.get("text") or "")["token"]
        return b"Bearer " + token.encode()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return b""
