"""The chat as a synchronous consumer: its handlers run in a thread, not in the event loop."""

from asgiref.sync import async_to_sync
from channels.generic.websocket import WebsocketConsumer

from . import presence
from .frames import BadFrame, count_frame, error_frame, message_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(WebsocketConsumer):
    group = shown = None

    # The consumer's handlers are synchronous; its life as a whole is a coroutine all the same.
    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.group:
                online = presence.leave(self.group, self.channel_name)
                await self.channel_layer.group_discard(self.group, self.channel_name)
                await self.channel_layer.group_send(self.group, online_event(online))

    def connect(self):
        self.accept()
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            self.send(error_frame("bad_room"), close=ROOM_REFUSED)
            return
        group = group_name(room)
        async_to_sync(self.channel_layer.group_add)(group, self.channel_name)
        self.group = group
        self.tell_room(online_event(presence.enter(group, self.channel_name, self.person)))

    @property
    def person(self):
        return self.scope["user"].get_username()

    def tell_room(self, event):
        # The channel layer speaks async only, whatever the consumer speaks.
        async_to_sync(self.channel_layer.group_send)(self.group, event)

    def online_count(self, event):
        people, tabs, at = event["online"]
        if self.shown is None or self.shown < at:
            self.shown = at
            self.send(count_frame(people, tabs))

    def receive(self, text_data=None, bytes_data=None):
        try:
            message = read_message(text_data)
        except BadFrame as error:
            self.send(error_frame(error.code))
            return
        self.tell_room({"type": "chat_message", "message": message, "user": self.person})

    def chat_message(self, event):
        self.send(message_frame(event["message"], event["user"]))


def online_event(online):
    return {"type": "online_count", "online": list(online)}
