from channels.generic.websocket import AsyncWebsocketConsumer

from .notify import GROUP


class NotesConsumer(AsyncWebsocketConsumer):
    groups = [GROUP]

    async def connect(self):
        await self.accept()
        await self.send("You are connected.")

    async def note_sent(self, event):
        await self.send(event["text"])
