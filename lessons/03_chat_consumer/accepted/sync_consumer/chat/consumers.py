"""The chat as a synchronous consumer: the same methods, called in a thread."""

import json

from asgiref.sync import async_to_sync
from channels.generic.websocket import WebsocketConsumer

from .frames import BadFrame, error_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


class ChatConsumer(WebsocketConsumer):
    group = None

    def connect(self):
        room = self.scope["url_route"]["kwargs"]["room"]
        if is_room_name(room):
            self.group = group_name(room)
            async_to_sync(self.channel_layer.group_add)(self.group, self.channel_name)
            self.accept()
        else:
            self.accept()
            self.send(error_frame("bad_room"), close=ROOM_REFUSED)

    def disconnect(self, code):
        if self.group:
            async_to_sync(self.channel_layer.group_discard)(self.group, self.channel_name)

    def receive(self, text_data=None, bytes_data=None):
        try:
            event = {"type": "chat_message", "message": read_message(text_data)}
        except BadFrame as error:
            self.send(error_frame(error.code))
        else:
            # The channel layer speaks async only, whatever the consumer speaks.
            async_to_sync(self.channel_layer.group_send)(self.group, event)

    def chat_message(self, event):
        self.send(json.dumps({"message": event["message"]}))
