"""The chat, synchronous: a consumer in a thread, and one thread in which all its hearts beat."""

import threading

from asgiref.sync import async_to_sync, sync_to_async
from channels.generic.websocket import WebsocketConsumer
from channels.layers import get_channel_layer
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


class Hearts:
    """All tabs of this process that are open, each of which is renewed in time."""

    def __init__(self):
        self._lock = threading.Lock()
        self._tabs = {}  # tab: (group, person)
        self._thread = None

    def add(self, tab, group, person):
        with self._lock:
            self._tabs[tab] = group, person
            if self._thread is None:
                self._thread = threading.Thread(target=self._beat, daemon=True)
                self._thread.start()

    def remove(self, tab):
        with self._lock:
            self._tabs.pop(tab, None)

    def _beat(self):
        pause = threading.Event()
        while True:
            pause.wait(settings.PRESENCE_SECONDS / 3)
            with self._lock:
                tabs = list(self._tabs.items())
            for tab, (group, person) in tabs:
                try:
                    with self._lock:  # nobody who leaves meanwhile is entered again
                        if tab not in self._tabs:
                            continue
                        online = presence.enter(group, tab, person)
                    async_to_sync(get_channel_layer().send)(
                        tab, {"type": "online.count", "online": [*online]}
                    )
                except RedisError:
                    continue


hearts = Hearts()


class ChatConsumer(WebsocketConsumer):
    group = None
    shown = None

    def connect(self):
        room = self.scope["url_route"]["kwargs"]["room"]
        if not is_room_name(room):
            self.accept()
            self.send(error_frame("bad_room"))
            self.close(ROOM_REFUSED)
            return
        self.person = self.scope["user"].get_username()
        self.group = group_name(room)
        async_to_sync(self.channel_layer.group_add)(self.group, self.channel_name)
        self.accept()
        self.tell_room(presence.enter(self.group, self.channel_name, self.person))
        hearts.add(self.channel_name, self.group, self.person)

    def tell_room(self, online):
        self.to_group({"type": "online.count", "online": [*online]})

    def to_group(self, event):
        async_to_sync(self.channel_layer.group_send)(self.group, event)

    def online_count(self, event):
        online = presence.Online(*event["online"])
        if self.shown is None or (self.shown.at < online.at and self.shown[:2] != online[:2]):
            self.send(count_frame(online.people, online.tabs))
        if self.shown is None or self.shown.at < online.at:
            self.shown = online

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            await sync_to_async(self.left)()

    def left(self):
        if self.group is None:
            return
        hearts.remove(self.channel_name)
        online = presence.leave(self.group, self.channel_name, self.person)
        async_to_sync(self.channel_layer.group_discard)(self.group, self.channel_name)
        self.tell_room(online)

    def receive(self, text_data=None, bytes_data=None):
        try:
            message = read_message(text_data)
        except BadFrame as error:
            self.send(error_frame(error.code))
            return
        self.to_group({"type": "chat.message", "message": message, "user": self.person})

    def chat_message(self, event):
        self.send(message_frame(event["message"], event["user"]))

    def chat_announcement(self, event):
        self.send(announcement_frame(event["text"]))
