"""What a WebSocket client is told on a path that leads nowhere."""

from channels.generic.websocket import AsyncWebsocketConsumer

NOT_FOUND = 4404


class NotFoundConsumer(AsyncWebsocketConsumer):
    """Accept, then close with 4404: a browser sees a close code only after the handshake."""

    # No channel: Channels would ask the layer for one first, and while Redis is away get none.
    channel_layer_alias = None

    async def connect(self):
        await self.accept()
        await self.close(NOT_FOUND)
