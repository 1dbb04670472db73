"""The chat, whose consumer asks by itself who comes: no middleware of our own.

And it asks again, in a task of its own, until the connection ends.
"""

import asyncio

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from accounts.credentials import BadCredential, read_credential
from accounts.identity import identify
from accounts.refusal import UNAUTHORIZED, UNAUTHORIZED_FRAME
from accounts.visitors import Visitor, is_welcome

from . import presence
from .frames import BadFrame, count_frame, error_frame, message_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncWebsocketConsumer):
    group = visitor = watch = None

    async def connect(self):
        room = self.scope["url_route"]["kwargs"]["room"]
        self.visitor = await self.find_visitor(room)
        if self.visitor is None:
            await self.accept()
            await self.refuse()
            return
        if not is_room_name(room):
            await self.accept()
            await self.send(error_frame("bad_room"))
            await self.close(ROOM_REFUSED)
            return
        self.group = group_name(room)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        # Whoever is counted has come in: all that can fail is behind us.
        presence.enter(self.group, self.channel_name, self.person)
        await self.tell_room()
        self.watch = asyncio.create_task(self.keep_asking())

    async def find_visitor(self, room):
        """Return who it is, None for a stranger."""
        try:
            credential = read_credential(self.scope["headers"], self.scope["query_string"])
        except BadCredential:
            return None
        if credential is not None:
            return await identify(credential, room)
        user = self.scope["user"]
        return Visitor(user) if user.is_authenticated else None

    async def refuse(self):
        await self.send(UNAUTHORIZED_FRAME)
        await self.close(UNAUTHORIZED)

    async def keep_asking(self):
        welcome = True
        while welcome:
            await asyncio.sleep(settings.REVOKE_WITHIN / 2)
            welcome = await is_welcome(self.visitor)
        await self.refuse()
        self.visitor = None  # what still comes for it is not sent any more

    async def send(self, *arguments, **options):
        if self.visitor is not None or self.watch is None:
            await super().send(*arguments, **options)

    @property
    def person(self):
        """Whose tab this is: the name of its user."""
        return self.visitor.user.get_username()

    async def tell_room(self):
        """Have everyone in the room shown the count, this tab too."""
        await self.channel_layer.group_send(self.group, {"type": "online.count"})

    async def online_count(self, event):
        # Counted now, not when the event was sent: so nothing stale can follow something newer.
        await self.send(count_frame(*presence.online(self.group)))

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            # However it ended. After an exception Channels calls no `disconnect`.
            await self.left()

    async def left(self):
        if self.watch:
            self.watch.cancel()
        if self.group is None:  # whoever is refused has never joined
            return
        # First what cannot fail.
        was_counted = presence.leave(self.group, self.channel_name)
        await self.channel_layer.group_discard(self.group, self.channel_name)
        if was_counted:
            await self.tell_room()

    async def receive(self, text_data=None, bytes_data=None):
        try:
            message = read_message(text_data)
        except BadFrame as error:
            await self.send(error_frame(error.code))
            return
        await self.channel_layer.group_send(
            self.group, {"type": "chat.message", "message": message, "user": self.person}
        )

    async def chat_message(self, event):
        await self.send(message_frame(event["message"], event["user"]))
