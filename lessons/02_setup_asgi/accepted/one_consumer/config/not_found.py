"""What a WebSocket client is told on a path that leads nowhere."""

NOT_FOUND = 4404
