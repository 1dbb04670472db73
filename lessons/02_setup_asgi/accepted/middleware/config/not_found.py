"""What a WebSocket client is told on a path that leads nowhere."""

from channels.generic.websocket import AsyncJsonWebsocketConsumer


class NotFoundConsumer(AsyncJsonWebsocketConsumer):
    """Say why in a frame, then close with 4404."""

    async def connect(self):
        await self.accept()
        await self.send_json({"type": "error", "detail": f"Nothing is at {self.scope['path']}."})
        await self.close(code=4404)
