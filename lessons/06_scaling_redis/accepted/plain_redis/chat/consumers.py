"""The chat without a channel layer: each tab listens to its room in Redis."""

import asyncio
import contextlib
import uuid

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
from .hub import Subscription, publish
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = None
    subscription = None
    heart = None
    tab = None
    shown = None

    async def connect(self):
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            await self.accept()
            await self.send(error_frame("bad_room"))
            await self.close(ROOM_REFUSED)
            return
        self.group = group_name(room)
        self.person = self.scope["user"].get_username()
        await self.accept()
        self.subscription = Subscription(self.group, self.tell)
        await self.subscription.begin()
        self.tab = uuid.uuid4().hex
        await publish(self.group, online=await self.renew())
        self.renewing = asyncio.Lock()
        self.heart = asyncio.create_task(self.live())

    async def renew(self):
        return await presence.enter(self.group, self.tab, self.person)

    async def live(self):
        while True:
            await asyncio.sleep(settings.PRESENCE_SECONDS / 3)
            with contextlib.suppress(RedisError):
                async with self.renewing:
                    online = await self.renew()
                await self.tell({"online": online})

    async def tell(self, event):
        """Send this tab what an event is about."""
        with contextlib.suppress(OSError):  # it is gone, and will be told so
            if "online" in event:
                online = presence.Online(*event["online"])
                if self.shown is None or self.shown.at < online.at:
                    self.shown = online
                    await self.send(count_frame(online.people, online.tabs))
            elif "announcement" in event:
                await self.send(announcement_frame(event["announcement"]))
            else:
                await self.send(message_frame(event["message"], event["user"]))

    async def receive(self, text_data=None, bytes_data=None):
        try:
            message = read_message(text_data)
        except BadFrame as error:
            await self.send(error_frame(error.code))
            return
        await publish(self.group, message=message, user=self.person)

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.heart:
                async with self.renewing:  # what is on its way would come in after `leave`
                    self.heart.cancel()
            if self.subscription:
                await self.subscription.end()
            if self.tab:
                online = await presence.leave(self.group, self.tab, self.person)
                await publish(self.group, online=online)
