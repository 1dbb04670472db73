"""What a WebSocket client is told on a path that leads nowhere."""

NOT_FOUND = 4404


async def not_found(receive, send):
    """Close a connection that is accepted already."""
    await send({"type": "websocket.close", "code": NOT_FOUND})
