"""The lesson's consumer over the fan-out: what a room is sent is made once, for all its sockets."""

import asyncio

from redis.exceptions import RedisError

from . import consumers, presence
from .fanout import FanOut
from .frames import announcement_frame, count_frame, message_frame
from .rooms import group_name, is_room_name


async def frame_of(room, event):
    """Return what everybody in the room is sent for an event, None for a count that is no news."""
    match event["type"]:
        case "chat.message":
            return message_frame(event["message"], event["user"])
        case "chat.announcement":
            return announcement_frame(event["text"])
        case "online.count":
            online = presence.Online(*event["online"])
            # Counts come from many processes, and not in the order in which they were counted.
            if room.shown is not None and online.at <= room.shown.at:
                return None
            room.shown = online
            return count_frame(online.people, online.tabs)
        case unknown:
            raise ValueError(f"No frame for the event type {unknown}")


fan_out = FanOut(frame_of)


class ChatConsumer(consumers.ChatConsumer):
    room = None
    connection = None  # the task that this connection is
    is_hung_up = False

    async def __call__(self, scope, receive, send):
        self.connection = connection = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self.is_hung_up:
                raise
            connection.uncancel()

    async def show(self, text):
        """Send a frame past all that stands between this consumer and the server."""
        await self.scope["way_out"]({"type": "websocket.send", "text": text})

    def hang_up(self):
        """End this connection from outside. Who is leaving already is left alone."""
        if self.connection is not None:
            self.is_hung_up = True
            self.connection.cancel()

    async def connect(self):
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            await super().connect()  # it is refused there
            return
        self.group = group_name(room)
        self.room = await fan_out.join(self.group, self)
        await self.accept()
        self.room.open_to(self)
        await self.tell_room(await presence.enter(self.group, self.channel_name, self.person))
        self.begin_heartbeat()

    async def tell_tab(self, online):
        # What one tab has missed, all of this process have missed.
        await self.tell_room(online)

    @property
    def shown(self):
        """The count that everybody here was shown last."""
        return self.room.shown

    async def left(self):
        self.connection = None
        if self.room is not None:
            try:
                await fan_out.leave(self.group, self)
            except RedisError:
                pass  # it is away, and with it the subscription
        await super().left()
