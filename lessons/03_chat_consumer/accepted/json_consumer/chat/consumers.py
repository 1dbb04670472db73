"""The chat on AsyncJsonWebsocketConsumer: the agreement's checks stand in Channels' JSON hooks."""

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from .frames import BadFrame, error_frame, message_in, parse
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncJsonWebsocketConsumer):
    group = None

    async def connect(self):
        await self.accept()
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            await self.send_json(error_frame("bad_room"), close=ROOM_REFUSED)
            return
        self.group = group_name(room)
        await self.channel_layer.group_add(self.group, self.channel_name)

    async def disconnect(self, code):
        if self.group is not None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data=None, bytes_data=None, **kwargs):
        # The base class raises ValueError for a binary frame, and for an empty text as well.
        try:
            await self.receive_json(await self.decode_json(text_data))
        except BadFrame as error:
            await self.send_json(error_frame(error.code))

    async def receive_json(self, content, **kwargs):
        event = {"type": "chat.message", "message": message_in(content)}
        await self.channel_layer.group_send(self.group, event)

    @classmethod
    async def decode_json(cls, text_data):
        return parse(text_data)

    async def chat_message(self, event):
        await self.send_json({"message": event["message"]})
