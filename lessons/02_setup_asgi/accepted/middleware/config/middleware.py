"""What stands around the WebSocket routes."""

from urllib.parse import urlsplit

from channels.middleware import BaseMiddleware
from django.conf import settings
from django.http.request import validate_host

from config.not_found import NotFoundConsumer


class OwnPages(BaseMiddleware):
    """Only pages of the project's own hosts come in."""

    async def __call__(self, scope, receive, send):
        headers = {name.lower(): value for name, value in scope["headers"]}
        host = urlsplit(headers.get(b"origin", b"").decode("latin1")).hostname
        if host and validate_host(host, settings.ALLOWED_HOSTS):
            await super().__call__(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})


class KnownPaths(BaseMiddleware):
    """A path without a route has a consumer all the same."""

    def __init__(self, inner, routes):
        super().__init__(inner)
        self.patterns = [route.pattern for route in routes]

    async def __call__(self, scope, receive, send):
        path = scope["path"].removeprefix("/")
        inner = self.inner
        if not any(pattern.match(path) for pattern in self.patterns):
            inner = NotFoundConsumer.as_asgi()
        return await inner(dict(scope), receive, send)
