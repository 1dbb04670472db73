"""The chat, whose consumer asks by itself who comes: no middleware of our own.

It accepts everybody first, and looks then; and it writes all its JSON by itself.
"""

import json

from channels.generic.websocket import AsyncWebsocketConsumer

from accounts.credentials import BadCredential, read_credential
from accounts.identity import identify
from accounts.refusal import UNAUTHORIZED, UNAUTHORIZED_ERROR

from . import presence
from .frames import BadFrame, error, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncWebsocketConsumer):
    group = user = shown = None

    async def connect(self):
        await self.accept()
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            await self.end(error("bad_room"), ROOM_REFUSED)
            return
        self.user = await self.find_user(room)
        if self.user is None:
            await self.end(UNAUTHORIZED_ERROR, UNAUTHORIZED)
            return
        group = group_name(room)
        await self.channel_layer.group_add(group, self.channel_name)
        self.group = group
        await self.tell_room(await presence.enter(group, self.channel_name, self.person))

    async def find_user(self, room):
        """Return who it is, None for a stranger."""
        try:
            credential = read_credential(self.scope["headers"], self.scope["query_string"])
        except BadCredential:
            return None
        if credential is not None:
            return await identify(credential, room)
        user = self.scope["user"]
        return user if user.is_authenticated else None

    async def end(self, content, code):
        await self.tell(content)
        await self.close(code)

    async def tell(self, content):
        await self.send(json.dumps(content))

    @property
    def person(self):
        return self.user.get_username()

    async def tell_room(self, online):
        event = {"type": "online.count", "online": [*online]}
        await self.channel_layer.group_send(self.group, event)

    async def online_count(self, event):
        people, tabs, at = event["online"]
        if self.shown is None or self.shown < at:
            self.shown = at
            await self.tell({"type": "online_count", "count": people, "tabs": tabs})

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.group is not None:
                online = await presence.leave(self.group, self.channel_name, self.person)
                await self.channel_layer.group_discard(self.group, self.channel_name)
                await self.tell_room(online)

    async def receive(self, text_data=None, bytes_data=None):
        if self.group is None:  # whoever is refused has nothing to say
            return
        try:
            said = {"message": read_message(text_data), "user": self.person}
        except BadFrame as refusal:
            await self.tell(error(refusal.code))
        else:
            await self.channel_layer.group_send(self.group, {"type": "chat.message", "said": said})

    async def chat_message(self, event):
        await self.tell(event["said"])
