"""The chat, with the numbers in its events: counted and sent in one step that nobody interrupts."""

import json

from channels.generic.websocket import AsyncWebsocketConsumer

from .frames import BadFrame, count_frame, error_frame, read_message
from .presence import ROOMS
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncWebsocketConsumer):
    group = None
    counted_as = None

    async def connect(self):
        await self.accept()
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            await self.send(error_frame("bad_room"), close=ROOM_REFUSED)
            return
        self.group = group_name(room)
        await self.channel_layer.group_add(self.group, self.channel_name)
        async with ROOMS[self.group].changing:
            self.counted_as = self.scope["session"].session_key or object()
            ROOMS[self.group].add(self.counted_as)
            await self.tell_room()

    async def tell_room(self):
        event = {"type": "room.changed", **ROOMS[self.group].online}
        await self.channel_layer.group_send(self.group, event)

    async def room_changed(self, event):
        await self.send(count_frame(event["people"], event["tabs"]))

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            try:
                await self.uncount()
            finally:  # it tells the others, which may fail
                if self.group:
                    await self.channel_layer.group_discard(self.group, self.channel_name)

    async def uncount(self):
        if self.counted_as is None:
            return
        async with ROOMS[self.group].changing:
            ROOMS[self.group].remove(self.counted_as)
            self.counted_as = None
            await self.tell_room()

    async def receive(self, text_data=None, bytes_data=None):
        try:
            event = {"type": "chat.message", "message": read_message(text_data)}
        except BadFrame as error:
            await self.send(error_frame(error.code))
        else:
            await self.channel_layer.group_send(self.group, event)

    async def chat_message(self, event):
        await self.send(json.dumps({"message": event["message"]}))
