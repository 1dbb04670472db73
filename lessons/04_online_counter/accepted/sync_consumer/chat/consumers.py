"""The chat as a synchronous consumer: the same calls, each in a thread, not in the event loop."""

import json

from asgiref.sync import async_to_sync
from channels.generic.websocket import WebsocketConsumer

from . import presence
from .frames import BadFrame, count_frame, error_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(WebsocketConsumer):
    group = None

    # The consumer's handlers are synchronous; its life as a whole is a coroutine all the same.
    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.group and presence.leave(self.group, self.channel_name):
                await self.channel_layer.group_discard(self.group, self.channel_name)
                await self.channel_layer.group_send(self.group, {"type": "online_count"})

    def connect(self):
        self.accept()
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            self.send(error_frame("bad_room"), close=ROOM_REFUSED)
            return
        self.group = group_name(room)
        async_to_sync(self.channel_layer.group_add)(self.group, self.channel_name)
        session = self.scope["session"].session_key
        presence.enter(self.group, self.channel_name, session or self.channel_name)
        self.tell_room({"type": "online_count"})

    def tell_room(self, event):
        # The channel layer speaks async only, whatever the consumer speaks.
        async_to_sync(self.channel_layer.group_send)(self.group, event)

    def online_count(self, event):
        self.send(count_frame(*presence.online(self.group)))

    def receive(self, text_data=None, bytes_data=None):
        try:
            self.tell_room({"type": "chat_message", "message": read_message(text_data)})
        except BadFrame as error:
            self.send(error_frame(error.code))

    def chat_message(self, event):
        self.send(json.dumps({"message": event["message"]}))
