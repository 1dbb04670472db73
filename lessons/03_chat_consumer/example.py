"""An announcement board: what one person posts, everyone sees. Run it: `workshop.py run 03 --example`.

One file, to be read from top to bottom; a real project has a file for each part.
"""

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path

# --8<-- [start:settings]
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="an example has no secrets",
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)
# --8<-- [end:settings]


# --8<-- [start:consumer]
class BoardConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("board", self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard("board", self.channel_name)

    async def board_posted(self, event):
        await self.send(event["text"])


# --8<-- [end:consumer]


# --8<-- [start:view]
async def post(request):
    event = {"type": "board.posted", "text": request.POST["text"]}
    await get_channel_layer().group_send("board", event)
    return HttpResponse(status=204)


# --8<-- [end:view]

PAGE = """<!doctype html>
<title>Announcements</title>
<form action="/post/" method="post"><input name="text" autofocus> <button>Post</button></form>
<ul></ul>
<script>
  const socket = new WebSocket(location.href.replace("http", "ws") + "ws/board/");
  socket.onmessage = (event) => {
    const item = document.createElement("li");
    item.textContent = event.data;
    document.querySelector("ul").prepend(item);
  };
</script>
"""


async def board(request):
    return HttpResponse(PAGE)


urlpatterns = [path("", board), path("post/", post)]

# --8<-- [start:application]
application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AllowedHostsOriginValidator(
            URLRouter([path("ws/board/", BoardConsumer.as_asgi())])
        ),
    }
)
# --8<-- [end:application]
