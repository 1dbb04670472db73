"""The echo, on a synchronous consumer: it runs in a thread, and may block."""

from channels.generic.websocket import WebsocketConsumer


class EchoConsumer(WebsocketConsumer):
    def receive(self, text_data=None, bytes_data=None):
        if bytes_data is None:
            self.send(text_data=text_data)
        else:
            self.send(bytes_data=bytes_data)
