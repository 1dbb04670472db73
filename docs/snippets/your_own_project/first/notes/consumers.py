from channels.generic.websocket import AsyncWebsocketConsumer


class NotesConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        await self.accept()
        await self.send("You are connected.")
