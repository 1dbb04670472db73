"""The chat without a channel layer: a tab reads its client's frames, and is sent what the log says."""

import asyncio
import contextlib
import logging
import uuid

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.conf import settings
from redis.exceptions import RedisError

from . import presence
from .frames import BadFrame, error_frame, message_frame, read_message
from .log import log, write
from .rooms import group_name, is_room_name

logger = logging.getLogger(__name__)

ROOM_REFUSED = 4400


class ChatConsumer(AsyncConsumer):
    group = None
    tasks = ()

    async def websocket_connect(self, event):
        room = self.scope["url_route"]["kwargs"]["room"]
        await self.send({"type": "websocket.accept"})
        if not is_room_name(room):
            await self.tell(error_frame("bad_room"))
            await self.send({"type": "websocket.close", "code": ROOM_REFUSED})
            return
        self.group, self.tab = group_name(room), uuid.uuid4().hex
        self.person = self.scope["user"].get_username()
        self.entries, self.renewing = asyncio.Queue(), asyncio.Lock()
        await log.begin()
        log.add(self.group, self.listen)
        # What stands in the log before this was said to others.
        self.since = await presence.enter(self.group, self.tab, self.person)
        self.tasks = [asyncio.create_task(self.pass_on()), asyncio.create_task(self.live())]

    def listen(self, place, frame):
        self.entries.put_nowait((place, frame))

    async def pass_on(self):
        while True:
            place, frame = await self.entries.get()
            if place >= self.since:
                with contextlib.suppress(OSError):  # it is gone, and will be told so
                    await self.tell(frame)

    async def live(self):
        while True:
            await asyncio.sleep(settings.PRESENCE_SECONDS / 3)
            async with self.renewing:
                try:
                    await presence.enter(self.group, self.tab, self.person)
                except RedisError as error:
                    logger.warning("Redis is away, so a presence was not renewed: %s", error)

    async def tell(self, frame):
        await self.send({"type": "websocket.send", "text": frame})

    async def websocket_receive(self, event):
        try:
            message = read_message(event.get("text"))
        except BadFrame as error:
            await self.tell(error_frame(error.code))
            return
        await write(self.group, message_frame(message, self.person))

    async def websocket_disconnect(self, event):
        raise StopConsumer

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.group is not None:
                await self.left()

    async def left(self):
        log.remove(self.group, self.listen)
        async with self.renewing:  # what is on its way would come in after `leave`
            for task in self.tasks:
                task.cancel()
        await presence.leave(self.group, self.tab)
