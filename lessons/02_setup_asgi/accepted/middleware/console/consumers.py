"""The echo, on a consumer whose answers are chosen by a function."""

from channels.generic.websocket import AsyncWebsocketConsumer


def answer_to(frame):
    """Return what comes back for a frame: the same."""
    return frame


class EchoConsumer(AsyncWebsocketConsumer):
    async def receive(self, **frame):
        await self.send(**answer_to(frame))
