"""What a WebSocket client is told on a path that leads nowhere."""

NOT_FOUND = 4404


async def not_found(scope, receive, send):
    """Accept, then close with 4404."""
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": NOT_FOUND})
