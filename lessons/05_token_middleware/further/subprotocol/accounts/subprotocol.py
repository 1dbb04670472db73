"""A rung of the ladder: the token as one of the subprotocols that a browser offers."""

CHAT = "chat"


class TokenBySubprotocol:
    """Turns the offer `chat, <token>` into the header that the doorkeeper inside reads."""

    def __init__(self, app):
        self.app = app

    # --8<-- [start:rung]
    async def __call__(self, scope, receive, send):
        offered = scope["subprotocols"]
        shown = [(b"authorization", f"Bearer {name}".encode()) for name in offered if name != CHAT]

        async def choose(message):
            if message["type"] == "websocket.accept" and CHAT in offered:
                # One must be chosen, or the browser hangs up. Never the token: it would go back.
                message = {**message, "subprotocol": CHAT}
            await send(message)

        await self.app({**scope, "headers": [*scope["headers"], *shown]}, receive, choose)

    # --8<-- [end:rung]
