"""The chat: what a tab's connection goes through; how each step is done stands elsewhere."""

from channels.generic.websocket import AsyncWebsocketConsumer

from .frames import refusal, said
from .incoming import read
from .membership import Membership
from .problems import Problem
from .rooms import is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncWebsocketConsumer):
    membership = None

    async def connect(self):
        await self.accept()
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            await self.send(refusal(Problem.BAD_ROOM))
            await self.close(ROOM_REFUSED)
            return
        self.membership = Membership(self.channel_layer, self.channel_name, room)
        await self.membership.begin()

    async def disconnect(self, code):
        if self.membership:
            await self.membership.end()

    async def receive(self, text_data=None, bytes_data=None):
        match read(text_data):
            case Problem() as problem:
                await self.send(refusal(problem))
            case message:
                await self.membership.tell_everyone(message)

    async def room_said(self, event):
        await self.send(said(event["message"]))
