async def refuse(scope, receive, send):
    """The application that strangers get in the place of the chat."""
    # Refused in the handshake, and a browser is not told why. Your turn.
    await send({"type": "websocket.close", "code": UNAUTHORIZED})
