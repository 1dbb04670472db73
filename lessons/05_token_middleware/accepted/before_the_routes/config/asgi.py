"""Entry point of the server: HTTP goes to Django, WebSocket past the doorkeeper to Channels."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = ASGIStaticFilesHandler(get_asgi_application())

from accounts.doorkeeper import Doorkeeper
from chat.routing import websocket_urlpatterns

rooms = Doorkeeper(URLRouter(websocket_urlpatterns))
application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(rooms)),
    }
)
