"""The chat without an account: the consumers themselves are counted, in a set for each room.

What `connect` does puts its own undoing onto a stack; at the end, whichever it is, the stack is
worked off. So nothing is undone that was not done, and nothing twice.
"""

import json
from collections import defaultdict
from contextlib import AsyncExitStack
from weakref import WeakSet

from channels.generic.websocket import AsyncWebsocketConsumer

from .frames import BadFrame, count_frame, error_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncWebsocketConsumer):
    present = defaultdict(WeakSet)

    async def __call__(self, scope, receive, send):
        async with AsyncExitStack() as self.undoing:
            await super().__call__(scope, receive, send)

    async def connect(self):
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            await self.accept()
            await self.send(error_frame("bad_room"), close=ROOM_REFUSED)
            return
        self.group = group_name(room)
        await self.channel_layer.group_add(self.group, self.channel_name)
        self.undoing.push_async_callback(
            self.channel_layer.group_discard, self.group, self.channel_name
        )
        await self.accept()
        self.present[self.group].add(self)
        self.undoing.push_async_callback(self.tell_room)
        self.undoing.callback(self.present[self.group].discard, self)
        await self.tell_room()

    @property
    def person(self):
        return self.scope["session"].session_key or id(self)

    async def tell_room(self):
        await self.channel_layer.group_send(self.group, {"type": "show_count"})

    async def show_count(self, event):
        people = [consumer.person for consumer in self.present[self.group]]
        await self.send(count_frame(len(set(people)), len(people)))

    async def receive(self, text_data=None, bytes_data=None):
        try:
            event = {"type": "chat.message", "message": read_message(text_data)}
        except BadFrame as error:
            await self.send(error_frame(error.code))
        else:
            await self.channel_layer.group_send(self.group, event)

    async def chat_message(self, event):
        await self.send(json.dumps({"message": event["message"]}))
