"""Notice boards, one for each floor of an office. Run it: `workshop.py run 03 --example`."""

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.template import engines
from django.urls import path

# --8<-- [start:settings]
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="an example has no secrets",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)
# --8<-- [end:settings]


# --8<-- [start:consumer]
class BoardConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        floor = self.scope["url_route"]["kwargs"]["floor"]
        self.board = f"floor.{floor}"
        await self.channel_layer.group_add(self.board, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.board, self.channel_name)

    # --8<-- [end:consumer]

    # --8<-- [start:events]
    async def receive(self, text_data=None, bytes_data=None):
        await self.send("You said thanks.")
        await self.channel_layer.group_send(self.board, {"type": "board.thanks"})

    async def board_thanks(self, event):
        await self.send("Somebody says thanks.")

    async def board_notice(self, event):
        await self.send(f"Notice: {event['text']}")

    # --8<-- [end:events]


PAGE = """<!doctype html>
<title>Floor {{ floor }}</title>
<h1>Floor {{ floor }}</h1> Go to floor <a href="/1/">1</a> or <a href="/2/">2</a>.
<form method="post">{% csrf_token %}
  <input name="text" required autofocus> <button>Post</button>
  <button type="button" id="thanks">Say thanks</button>
</form>
<ul></ul>
<script>
  const socket = new WebSocket(`ws://${location.host}/ws/floors/{{ floor }}/`);
  socket.onmessage = (event) => {
    const item = document.querySelector("ul").appendChild(document.createElement("li"));
    item.textContent = event.data;
  };
  document.querySelector("#thanks").onclick = () => socket.send("thanks");
</script>
"""


# --8<-- [start:view]
async def board(request, floor):
    if request.method == "POST":
        event = {"type": "board.notice", "text": request.POST["text"]}
        await get_channel_layer().group_send(f"floor.{floor}", event)
        return HttpResponse(status=204)
    return HttpResponse(engines["django"].from_string(PAGE).render({"floor": floor}, request))


# --8<-- [end:view]

urlpatterns = [path("", board, {"floor": 1}), path("<int:floor>/", board)]
websocket_urlpatterns = [path("ws/floors/<int:floor>/", BoardConsumer.as_asgi())]

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns)),
    }
)
