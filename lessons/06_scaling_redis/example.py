"""A doorbell for all processes: ring it on one, hear it on all. Run it: `workshop.py run 06 --example`.

One file, to be read from top to bottom; a real project has a file for each part.
"""

import asyncio
import json
import os
import time
import uuid

from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpResponse
from django.urls import path
from redis.asyncio import Redis

# --8<-- [start:settings]
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")

settings.configure(
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        },
    },
    # There are no tables: this example needs transactions only.
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
    },
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="an example has no secrets",
)
# --8<-- [end:settings]

# --8<-- [start:recent]
redis = Redis.from_url(REDIS_URL)


async def count_ring():
    """Note a ring; return how many there were in ten seconds."""
    now = time.time()
    async with redis.pipeline(transaction=True) as steps:
        steps.zadd("rings", {str(uuid.uuid4()): now})
        steps.zremrangebyscore("rings", "-inf", now - 10)
        steps.zcard("rings")
        _added, _removed, recent = await steps.execute()
    return recent


# --8<-- [end:recent]


# --8<-- [start:view]
def ring(request):
    name = request.POST["name"]
    with transaction.atomic():
        transaction.on_commit(lambda: async_to_sync(tell)(name))
        if not name:
            raise BadRequest("Who is there?")
    return HttpResponse(status=204)


async def tell(name):
    text = f"{name} is at the door, ring {await count_ring()} in ten seconds"
    event = {"type": "bell.rang", "text": text}
    await get_channel_layer().group_send("house", event)


# --8<-- [end:view]


# --8<-- [start:consumer]
class BellConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("house", self.channel_name)
        await self.accept()
        self.clock = asyncio.create_task(self.tick())

    async def disconnect(self, code):
        self.clock.cancel()
        await self.channel_layer.group_discard("house", self.channel_name)

    async def bell_rang(self, event):
        await self.show("bell", event["text"])

    async def tick(self):
        while True:
            await self.show("clock", f"Process {os.getpid()}, {time.ctime()}")
            await asyncio.sleep(1)

    async def show(self, id, text):
        await self.send(json.dumps({"id": id, "text": text}))


# --8<-- [end:consumer]

PAGE = """<!doctype html>
<title>Doorbell</title>
<p id="clock"></p>
<form action="/ring/" method="post"><input name="name" value="Ann"> <button>Ring</button></form>
<p id="bell"></p>
<script>
  const socket = new WebSocket(location.href.replace("http", "ws") + "ws/bell/");
  socket.onmessage = (event) => {
    const { id, text } = JSON.parse(event.data);
    document.getElementById(id).textContent = text;
  };
</script>
"""


async def door(request):
    return HttpResponse(PAGE)


urlpatterns = [path("", door), path("ring/", ring)]
application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AllowedHostsOriginValidator(
            URLRouter([path("ws/bell/", BellConsumer.as_asgi())])
        ),
    }
)
