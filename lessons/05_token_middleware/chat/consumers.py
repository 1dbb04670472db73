"""The chat: one consumer for each open tab, one group for each room, one count of its people."""

from channels.generic.websocket import AsyncWebsocketConsumer

from . import presence
from .frames import BadFrame, count_frame, error_frame, message_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


# Not AsyncJsonWebsocketConsumer: it raises for a bad frame before we could answer it.
class ChatConsumer(AsyncWebsocketConsumer):
    group = None
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

    @property
    def person(self):
        """Whose tab this is: the key of its user. A name may be given again, to somebody else."""
        return str(self.scope["user"].pk)

    @property
    def name(self):
        """What their messages are signed with."""
        return self.scope["user"].get_username()

    async def tell_room(self, online):
        """Have everyone in the room shown that count, this tab too."""
        await self.channel_layer.group_send(
            self.group, {"type": "online.count", "online": [*online]}
        )

    async def online_count(self, event):
        online = presence.Online(*event["online"])
        # Events may overtake each other: never show an older count after a newer one.
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
        if self.group is None:  # a refused room was never joined
            return
        # First what cannot fail. Whoever had not been counted yet is not missed.
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
