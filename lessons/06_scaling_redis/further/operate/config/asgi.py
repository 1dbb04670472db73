"""Entry point of the server: HTTP goes to Django, WebSocket to Channels."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator, WebsocketDenier
from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# This loads the apps, so it comes before the import of anything that may touch a model.
django_application = get_asgi_application()
if settings.DEBUG:
    # `runserver` serves static files by itself, uvicorn does not: the handler does, for
    # development. Deployed, a web server has them: see deploy/nginx.conf.
    django_application = ASGIStaticFilesHandler(django_application)

from chat.routing import websocket_urlpatterns  # noqa: E402
from operations.metrics import Counted  # noqa: E402
from operations.slow import LetGoOfTheSlow  # noqa: E402

# A foreign page is turned away by a consumer, too. It needs no channel, which Channels would ask the
# layer for: a refusal is to be one while Redis is away.
WebsocketDenier.channel_layer_alias = None

rooms = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(Counted(LetGoOfTheSlow(rooms))),
    }
)
