"""The chat: one consumer for each open tab, one group for each room, one count of its people."""

import asyncio
import logging

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

logger = logging.getLogger(__name__)

ROOM_REFUSED = 4400


# Not AsyncJsonWebsocketConsumer: it raises for a bad frame before we could answer it.
class ChatConsumer(AsyncWebsocketConsumer):
    group = None
    heartbeat = None
    renewal = None  # the latest one
    shown = None  # the count that this tab was shown last

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
        # Whoever is counted has come in: all that can fail is behind us.
        await self.tell_room(await presence.enter(self.group, self.channel_name, self.person))
        self.begin_heartbeat()

    @property
    def person(self):
        """Whose tab this is: the key of its user. A name may be given again, to somebody else."""
        return str(self.scope["user"].pk)

    @property
    def name(self):
        """What their messages are signed with."""
        return self.scope["user"].get_username()

    # --8<-- [start:heartbeat]
    def begin_heartbeat(self):
        """Begin to renew this tab's presence, beside all else that the consumer does."""
        self.heartbeat = asyncio.create_task(self.beat())

    async def beat(self):
        while True:
            await asyncio.sleep(settings.PRESENCE_SECONDS / 3)
            try:
                await self.renew()
            except RedisError as error:
                logger.warning("Redis is away, so a presence was not renewed: %s", error)

    def end_heartbeat(self):
        """End that with the connection."""
        if self.heartbeat is not None:  # it is None for whoever never came in
            self.heartbeat.cancel()

    # --8<-- [end:heartbeat]

    async def renew(self):
        """Note that this tab is open; have it shown the count where that is not what it was."""
        self.renewal = asyncio.create_task(self.note_and_show())
        # Shielded: what is on its way to Redis comes there, though the heart is told to stop. And on
        # Python 3.11 a heart that is told so while redis-py sends may not hear it, and beat on.
        await asyncio.shield(self.renewal)

    async def note_and_show(self):
        online = await presence.enter(self.group, self.channel_name, self.person)
        # Somebody has expired, or Redis was emptied, or an event was lost. Each tab finds it out
        # for itself: in a full room that is behind, telling all would put it behind for ever.
        if self.shown is None or self.shown[:2] != online[:2]:
            await self.tell_tab(online)

    async def tell_room(self, online):
        """Have everyone in the room shown that count, this tab too."""
        await self.channel_layer.group_send(
            self.group, {"type": "online.count", "online": [*online]}
        )

    async def tell_tab(self, online):
        """Have this tab shown that count."""
        await self.channel_layer.send(
            self.channel_name, {"type": "online.count", "online": [*online]}
        )

    async def online_count(self, event):
        online = presence.Online(*event["online"])
        # Counts come from many processes, and not in the order in which they were counted.
        if self.shown is None or self.shown.at < online.at:
            self.shown = online
            await self.send(count_frame(online.people, online.tabs))

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            # However it ended: Channels calls no `disconnect` after an exception, nor where a tab
            # is lost just while it is sent something.
            await self.left()

    async def left(self):
        self.end_heartbeat()
        if self.group is None:  # a refused room was never joined
            return
        if self.renewal is not None:
            # It goes over another connection: whoever leaves before it is done may come back by it.
            await asyncio.wait([self.renewal])
        online = await presence.leave(self.group, self.channel_name, self.person)
        await self.channel_layer.group_discard(self.group, self.channel_name)
        await self.tell_room(online)

    async def receive(self, text_data=None, bytes_data=None):
        try:
            message = read_message(text_data)
        except BadFrame as error:
            await self.send(error_frame(error.code))
            return
        await self.channel_layer.group_send(
            self.group, {"type": "chat.message", "message": message, "user": self.name}
        )

    async def chat_message(self, event):
        await self.send(message_frame(event["message"], event["user"]))

    # --8<-- [start:announcement]
    async def chat_announcement(self, event):
        await self.send(announcement_frame(event["text"]))

    # --8<-- [end:announcement]
