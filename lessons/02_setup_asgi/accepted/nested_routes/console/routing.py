"""WebSocket routes of the project, and the router that guards them."""

from urllib.parse import urlsplit

from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.urls import path
from django.urls.exceptions import Resolver404

from config.not_found import NotFoundConsumer

from .consumers import EchoConsumer


class GuardedRouter(URLRouter):
    """A router that turns foreign pages away and has an answer for every path."""

    async def __call__(self, scope, receive, send):
        if origin_host(scope) not in settings.ALLOWED_HOSTS:
            return await WebsocketDenier.as_asgi()(scope, receive, send)
        try:
            return await super().__call__(scope, receive, send)
        except (ValueError, Resolver404) as error:
            # Raised before anything was sent. There is no class of its own for it.
            if "No route found" not in str(error):
                raise
        return await NotFoundConsumer.as_asgi()(scope, receive, send)


def origin_host(scope):
    """Return the host in the handshake's Origin; None where there is none."""
    values = [value for name, value in scope["headers"] if name == b"origin"]
    return urlsplit(values[0].decode("latin1")).hostname if values else None


websocket_urlpatterns = [
    path("ws/", URLRouter([path("echo/", EchoConsumer.as_asgi())])),
]
