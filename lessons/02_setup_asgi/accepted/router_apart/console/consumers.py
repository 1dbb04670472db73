"""The echo, on the layer below text and binary: whatever event comes in goes out again."""

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer


class Echo(AsyncConsumer):
    async def websocket_connect(self, event):
        await self.send({"type": "websocket.accept"})

    async def websocket_receive(self, event):
        await self.send({**event, "type": "websocket.send"})

    async def websocket_disconnect(self, event):
        raise StopConsumer
