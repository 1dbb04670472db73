"""The chat: one consumer for each open tab, one group for each room."""

import json

from channels.generic.websocket import AsyncWebsocketConsumer

from .frames import BadFrame, error_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


# Not AsyncJsonWebsocketConsumer: it raises for a bad frame before we could answer it.
class ChatConsumer(AsyncWebsocketConsumer):
    group = None

    # --8<-- [start:connect]
    async def connect(self):
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            await self.accept()
            await self.send(error_frame("bad_room"))
            await self.close(ROOM_REFUSED)
            return
        self.group = group_name(room)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    # --8<-- [end:connect]

    # --8<-- [start:disconnect]
    async def disconnect(self, code):
        # A refused room was never joined.
        if self.group is not None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    # --8<-- [end:disconnect]

    # --8<-- [start:receive]
    async def receive(self, text_data=None, bytes_data=None):
        try:
            message = read_message(text_data)
        except BadFrame as error:
            await self.send(error_frame(error.code))
            return
        await self.channel_layer.group_send(
            self.group, {"type": "chat.message", "message": message}
        )

    # --8<-- [end:receive]

    # --8<-- [start:chat_message]
    async def chat_message(self, event):
        await self.send(json.dumps({"message": event["message"]}))

    # --8<-- [end:chat_message]

    async def __call__(self, scope, receive, send):
        async def send_if_open(event):
            try:
                await send(event)
            except OSError:
                # The tab is gone. Its `disconnect` is on the way, and an exception would skip it.
                pass

        await super().__call__(scope, receive, send_if_open)
