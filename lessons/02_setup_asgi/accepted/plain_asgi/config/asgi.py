"""Entry point of the server: plain ASGI, without a router class."""

import os

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = ASGIStaticFilesHandler(get_asgi_application())


async def application(scope, receive, send):
    """Serve one HTTP request, or one WebSocket from its handshake to its end."""
    if scope["type"] == "websocket":
        # Imported at the first handshake: Django is ready long before.
        from console.websocket import serve

        await serve(scope, receive, send)
    else:
        await django_application(scope, receive, send)
