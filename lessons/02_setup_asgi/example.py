"""A countdown that the server sends over a WebSocket. Run it: `workshop.py run 02 --example`.

One file, to be read from top to bottom; a real project has a file for each part.
"""

import asyncio

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path

# --8<-- [start:django]
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="an example has no secrets",
)
# This loads the apps: import consumers below it, not above.
django_application = get_asgi_application()
# --8<-- [end:django]

NOT_A_START = 4400


# --8<-- [start:consumer]
class CountdownConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        await self.accept()
        await self.send("Where do we start? 3, 5 or 10")

    async def receive(self, text_data=None, bytes_data=None):
        if text_data not in ("3", "5", "10"):
            await self.close(NOT_A_START)
            return
        for number in range(int(text_data), 0, -1):
            await self.send(str(number))
            await asyncio.sleep(1)
        await self.send("Go!")
        await self.close()


# --8<-- [end:consumer]

PAGE = """<!doctype html>
<title>Countdown</title>
<link rel="icon" href="data:,">
<input value="3" autofocus> <button>Count down</button>
<pre></pre>
<script>
  const show = (line) => document.querySelector("pre").append(line + "\\n");
  document.querySelector("button").onclick = () => {
    const start = document.querySelector("input").value;
    // --8<-- [start:page]
    const socket = new WebSocket(`ws://${location.host}/ws/countdown/`);
    socket.onopen = () => socket.send(start);
    socket.onmessage = (event) => show(event.data);
    socket.onclose = (event) => show(`closed: ${event.code}`);
    // --8<-- [end:page]
  };
</script>
"""


async def page(request):
    return HttpResponse(PAGE)


urlpatterns = [path("", page)]

# --8<-- [start:router]
routes = [path("ws/countdown/", CountdownConsumer.as_asgi())]
router = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": URLRouter(routes),
    }
)
# --8<-- [end:router]


# --8<-- [start:application]
async def application(scope, receive, send):
    print("called:", scope["type"], scope["path"], flush=True)
    await router(scope, receive, send)


# --8<-- [end:application]
