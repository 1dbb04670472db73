"""Entry point of the server: middleware around middleware, as in Django."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler

from config.middleware import KnownPaths, OwnPages
from console import routing

application = ProtocolTypeRouter(
    {
        "http": ASGIStaticFilesHandler(django_application),
        "websocket": OwnPages(KnownPaths(URLRouter(routing.routes), routing.routes)),
    }
)
