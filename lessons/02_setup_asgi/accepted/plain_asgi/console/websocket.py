"""The WebSocket side of the project: who may come in, and where to."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from config.not_found import not_found

from .consumers import echo

ROUTES = {"/ws/echo/": echo}


async def serve(scope, receive, send):
    """Serve one open tab."""
    await receive()  # websocket.connect
    if not is_own_page(scope):
        await send({"type": "websocket.close"})  # before accept: HTTP 403
        return
    await send({"type": "websocket.accept"})
    await ROUTES.get(scope["path"], not_found)(receive, send)


def is_own_page(scope):
    """Tell whether the handshake comes from a page of one of the project's hosts."""
    origin = dict(scope["headers"]).get(b"origin", b"").decode("latin1")
    host = urlsplit(origin).hostname
    return host is not None and validate_host(host, settings.ALLOWED_HOSTS)
