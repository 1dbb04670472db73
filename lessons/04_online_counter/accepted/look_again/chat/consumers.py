"""The chat, with no number in its events: they say "look again", and each tab counts for itself."""

import json

from channels.generic.websocket import AsyncWebsocketConsumer

from . import presence
from .frames import BadFrame, count_frame, error_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncWebsocketConsumer):
    group = None

    async def connect(self):
        room = self.scope["url_route"]["kwargs"]["room"]
        await self.accept()
        if not is_room_name(room):
            await self.send(error_frame("bad_room"), close=ROOM_REFUSED)
            return
        self.group = group_name(room)
        await self.channel_layer.group_add(self.group, self.channel_name)
        person = self.scope["session"].session_key or self.channel_name
        presence.enter(self.group, self.channel_name, person)
        await self.tell_room()

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.group is not None and presence.leave(self.group, self.channel_name):
                await self.channel_layer.group_discard(self.group, self.channel_name)
                await self.tell_room()

    async def tell_room(self):
        await self.channel_layer.group_send(self.group, {"type": "look.again"})

    async def look_again(self, event):
        # Counted now, not when the event was sent: so nothing stale can follow something newer.
        await self.send(count_frame(*presence.online(self.group)))

    async def receive(self, text_data=None, bytes_data=None):
        try:
            message = read_message(text_data)
        except BadFrame as error:
            await self.send(error_frame(error.code))
        else:
            await self.channel_layer.group_send(self.group, {"type": "said", "message": message})

    async def said(self, event):
        await self.send(json.dumps({"message": event["message"]}))
