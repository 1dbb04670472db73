"""The chat, on the core layer: the heart looks, and each tab counts for itself when it is told to."""

import asyncio
import contextlib

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from redis.exceptions import RedisError

from . import presence
from .frames import (
    BadFrame,
    announcement_frame,
    count_frame,
    error_frame,
    message_frame,
    read_message,
)
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncWebsocketConsumer):
    tab = None
    heart = None
    seen = None

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.heart:
                self.heart.cancel()
            if self.tab:
                with contextlib.suppress(RedisError):
                    await self.leave()

    async def connect(self):
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            await self.accept()
            await self.send(error_frame("bad_room"))
            await self.close(ROOM_REFUSED)
            return
        self.group = group_name(room)
        self.user = self.scope["user"].get_username()
        await self.channel_layer.group_add(self.group, self.channel_name)
        self.tab = presence.Tab(self.group, self.user)
        await self.tab.renew()
        await self.accept()
        await self.look()
        self.heart = asyncio.create_task(self.live())

    async def live(self):
        while True:
            await asyncio.sleep(settings.PRESENCE_SECONDS / 4)
            with contextlib.suppress(RedisError):
                # The core layer forgets its groups with Redis, and never learns of it.
                await self.channel_layer.group_add(self.group, self.channel_name)
                await self.tab.renew()
                if await presence.online(self.group) != self.seen:
                    await self.look()

    async def look(self):
        """Have everyone in the room look again."""
        await self.channel_layer.group_send(self.group, {"type": "somebody_moved"})

    async def somebody_moved(self, event):
        with contextlib.suppress(RedisError):
            self.seen = await presence.online(self.group)
            await self.send(count_frame(*self.seen))

    async def leave(self):
        await self.tab.leave()
        await self.channel_layer.group_discard(self.group, self.channel_name)
        await self.look()

    async def receive(self, text_data=None, bytes_data=None):
        try:
            message = read_message(text_data)
            event = {"type": "chat.message", "message": message, "user": self.user}
            await self.channel_layer.group_send(self.group, event)
        except BadFrame as error:
            await self.send(error_frame(error.code))

    async def chat_message(self, event):
        await self.send(message_frame(event["message"], event["user"]))

    async def chat_announcement(self, event):
        await self.send(announcement_frame(event["text"]))
