"""Entry point of the server: one consumer answers on every WebSocket path."""

import os

from channels.routing import ProtocolTypeRouter
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

protocols = {"http": ASGIStaticFilesHandler(get_asgi_application())}

from console.consumers import Door

protocols["websocket"] = Door.as_asgi()
application = ProtocolTypeRouter(protocols)
