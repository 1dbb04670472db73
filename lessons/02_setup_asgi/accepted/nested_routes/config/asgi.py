"""Entry point of the server: each side is built by the app that it belongs to."""

import os

import django
from channels.routing import ProtocolTypeRouter
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.handlers.asgi import ASGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from console.routing import GuardedRouter, websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "websocket": GuardedRouter(websocket_urlpatterns),
        "http": ASGIStaticFilesHandler(ASGIHandler()),
    }
)
