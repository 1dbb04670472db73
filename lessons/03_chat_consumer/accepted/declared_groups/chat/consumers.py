"""The chat without `group_add` and `group_discard`: Channels does both for the declared groups."""

import json

from channels.generic.websocket import AsyncWebsocketConsumer

from .frames import BadFrame, error_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncWebsocketConsumer):
    async def websocket_connect(self, message):
        # The base class joins `self.groups` before it calls `connect`, and leaves them all
        # before it calls `disconnect`. Which group it is, only the handshake's path can tell.
        room = self.scope["url_route"]["kwargs"]["room"]
        self.groups = [group_name(room)] if is_room_name(room) else []
        await super().websocket_connect(message)

    async def connect(self):
        await self.accept()
        if not self.groups:
            await self.send(error_frame("bad_room"), close=ROOM_REFUSED)

    async def receive(self, text_data=None, bytes_data=None):
        try:
            event = {"type": "chat.message", "message": read_message(text_data)}
        except BadFrame as error:
            await self.send(error_frame(error.code))
            return
        for group in self.groups:
            await self.channel_layer.group_send(group, event)

    async def chat_message(self, event):
        await self.send(json.dumps({"message": event["message"]}))
