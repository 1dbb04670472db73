"""The chat, whose rooms have a keeper each: see `presence`."""

import json

from channels.generic.websocket import AsyncWebsocketConsumer

from .frames import BadFrame, count_frame, error_frame, read_message
from .presence import note
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class Member(AsyncWebsocketConsumer):
    """One tab in a room, for as long as its connection lasts."""

    group = None

    async def websocket_connect(self, message):
        room = self.scope["url_route"]["kwargs"]["room"]
        await self.accept()
        if not is_room_name(room):
            await self.send(error_frame("bad_room"), close=ROOM_REFUSED)
            return
        self.group = group_name(room)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await note(self.group, self.channel_name, self.session or self.channel_name)

    @property
    def session(self):
        return self.scope["session"].session_key

    async def __call__(self, *arguments):
        try:
            await super().__call__(*arguments)
        finally:
            if self.group:
                await self.is_gone()

    async def is_gone(self):
        try:
            await self.channel_layer.group_discard(self.group, self.channel_name)
        finally:
            await note(self.group, self.channel_name, None)

    async def count(self, event):
        await self.send(count_frame(event["people"], event["tabs"]))


class ChatConsumer(Member):
    """A member who talks."""

    async def receive(self, text_data=None, bytes_data=None):
        try:
            message = read_message(text_data)
        except BadFrame as error:
            await self.send(error_frame(error.code))
            return
        await self.channel_layer.group_send(self.group, {"type": "talk", "message": message})

    async def talk(self, event):
        await self.send(json.dumps({"message": event["message"]}))
