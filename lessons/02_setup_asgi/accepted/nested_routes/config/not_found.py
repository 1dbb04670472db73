"""What a WebSocket client is told on a path that leads nowhere."""

from channels.generic.websocket import WebsocketConsumer


class NotFoundConsumer(WebsocketConsumer):
    """Send code 4404 as soon as the door is open."""

    def connect(self):
        self.accept()
        self.close(code=4404, reason="nothing here")
