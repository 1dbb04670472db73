"""Raised hands: everyone sees how many hands are up. Run it: `workshop.py run 04 --example`.

One file, to be read from top to bottom; a real project has a file for each part.
"""

import itertools

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="an example has no secrets",
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)

# --8<-- [start:roster]
hands = {}  # channel name of a tab: who has raised a hand there
changes = itertools.count(1)  # a number for each event


def hands_event():
    """Return the event that tells how many hands are up now."""
    people = set(hands.values())
    return {"type": "hands.up", "count": len(people), "change": next(changes)}


# --8<-- [end:roster]


class HandsConsumer(AsyncWebsocketConsumer):
    shown = 0  # the `change` that this tab was shown last

    # --8<-- [start:tell]
    async def connect(self):
        await self.channel_layer.group_add("class", self.channel_name)
        await self.accept()
        await self.tell_class()

    async def receive(self, text_data=None, bytes_data=None):
        # Breaks on a binary frame, on purpose: `text_data` is None.
        hands[self.channel_name] = text_data.strip()
        await self.tell_class()

    async def tell_class(self):
        await self.channel_layer.group_send("class", hands_event())

    async def hands_up(self, event):
        if event["change"] > self.shown:
            self.shown = event["change"]
            await self.send(str(event["count"]))

    # --8<-- [end:tell]

    # --8<-- [start:end]
    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            hands.pop(self.channel_name, None)
            await self.channel_layer.group_discard("class", self.channel_name)
            await self.tell_class()

    # --8<-- [end:end]


PAGE = """<!doctype html>
<title>Raised hands</title>
<p>Hands up: <output></output></p>
<form onsubmit="socket.send(person.value); return false">
  <input name="person" value="Ann" required> <button>Raise my hand</button>
</form>
<button onclick="socket.send(new Uint8Array(1))">Crash my consumer</button>
<script>
  const socket = new WebSocket(location.href.replace("http", "ws") + "ws/hands/");
  const show = (text) => { document.querySelector("output").value = text; };
  socket.onmessage = (event) => show(event.data);
  socket.onclose = () => show("connection lost");
</script>
"""


async def page(request):
    return HttpResponse(PAGE)


urlpatterns = [path("", page)]
websocket = URLRouter([path("ws/hands/", HandsConsumer.as_asgi())])
application = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": AllowedHostsOriginValidator(websocket)}
)
