"""The only consumer: it asks whose page it is, then which path, then it is the echo."""

from urllib.parse import urlsplit

from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from config.not_found import NOT_FOUND


class Door(AsyncWebsocketConsumer):
    async def connect(self):
        if not self.is_from_own_page():
            raise DenyConnection
        await self.accept()
        if self.scope["path"] != "/ws/echo/":
            await self.close(NOT_FOUND, "nothing here")

    def is_from_own_page(self):
        origins = [
            value.decode("latin1") for name, value in self.scope["headers"] if name == b"origin"
        ]
        return len(origins) == 1 and urlsplit(origins[0]).hostname in settings.ALLOWED_HOSTS

    async def receive(self, text_data=None, bytes_data=None):
        match text_data, bytes_data:
            case str(text), None:
                await self.send(text_data=text)
            case None, bytes(data):
                await self.send(bytes_data=data)
