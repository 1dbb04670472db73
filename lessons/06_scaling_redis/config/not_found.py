"""What a WebSocket client is told on a path that leads nowhere."""

from channels.generic.websocket import AsyncWebsocketConsumer

NOT_FOUND = 4404


class NotFoundConsumer(AsyncWebsocketConsumer):
    """Accept, then close with 4404: a browser sees a close code only after the handshake."""

    async def connect(self):
        await self.accept()
        await self.close(NOT_FOUND)
