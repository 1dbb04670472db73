"""A greeting in your language: a middleware finds it out. Run it: `workshop.py run 05 --example`."""

from urllib.parse import parse_qsl

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
)

GREETINGS = {"en": "Good morning", "de": "Guten Morgen", "ru": "Доброе утро"}


# --8<-- [start:middleware]
class LanguageMiddleware:
    """Puts the visitor's language, `?lang=de`, into the scope."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        language = query.get("lang", "en")
        if language in GREETINGS:
            inner = {**scope, "language": language}
            await self.app(inner, receive, send)
        else:
            await unknown_language(scope, receive, send)


# --8<-- [end:middleware]


# --8<-- [start:answer]
async def unknown_language(scope, receive, send):
    text = f"I speak {', '.join(GREETINGS)}."
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": text})
    await send({"type": "websocket.close", "code": 4406})


# --8<-- [end:answer]


# --8<-- [start:consumer]
class GreetingConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        await self.accept()
        await self.send(GREETINGS[self.scope["language"]])
        keys = ", ".join(sorted(self.scope))
        await self.send(f"The scope holds: {keys}")


# --8<-- [end:consumer]

PAGE = """<!doctype html>
<title>A greeting</title>
<p><a href="/">no language</a> <a href="?lang=de">?lang=de</a> <a href="?lang=ru">?lang=ru</a>
<a href="?lang=fr">?lang=fr</a> <a href="?lang=">?lang=</a></p>
<ul></ul>
<script>
  const show = (text) => {
    document.querySelector("ul").appendChild(document.createElement("li")).textContent = text;
  };
  const socket = new WebSocket(`ws://${location.host}/ws/greeting/${location.search}`);
  socket.onmessage = (event) => show(event.data);
  socket.onclose = (event) => show(`closed: ${event.code}`);
</script>
"""


async def page(request):
    return HttpResponse(PAGE)


urlpatterns = [path("", page)]

# --8<-- [start:application]
routes = URLRouter([path("ws/greeting/", GreetingConsumer.as_asgi())])
websocket = AllowedHostsOriginValidator(LanguageMiddleware(routes))
http = get_asgi_application()
application = ProtocolTypeRouter({"http": http, "websocket": websocket})
# --8<-- [end:application]
