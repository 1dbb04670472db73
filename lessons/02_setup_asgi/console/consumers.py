"""The echo: whatever a tab sends comes back to it."""

from channels.generic.websocket import AsyncWebsocketConsumer


class EchoConsumer(AsyncWebsocketConsumer):
    # --8<-- [start:echo]
    async def receive(self, text_data=None, bytes_data=None):
        # One of the two is None: a frame is text or binary, and so is its answer.
        await self.send(text_data, bytes_data)

    # --8<-- [end:echo]
