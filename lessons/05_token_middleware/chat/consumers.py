"""The chat: one consumer for each open tab, one group for each room, one count of its people."""

from channels.generic.websocket import AsyncWebsocketConsumer

from . import presence
from .frames import BadFrame, count_frame, error_frame, message_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(AsyncWebsocketConsumer):
    group = None

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
        presence.enter(self.group, self.channel_name, self.person)
        await self.tell_room()

    # --8<-- [start:person]
    @property
    def person(self):
        """Whose tab this is: the name of its user."""
        return self.scope["user"].get_username()

    # --8<-- [end:person]

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
        if self.group is None:  # a refused room was never joined
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
