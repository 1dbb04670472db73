"""Which application serves which protocol."""

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler

from console.routing import websocket_urlpatterns


def protocols(django_application):
    """Return the project's application: HTTP goes to `django_application`."""
    websocket = OriginValidator(URLRouter(websocket_urlpatterns), settings.WEBSOCKET_ORIGINS)
    return ProtocolTypeRouter(
        {"http": ASGIStaticFilesHandler(django_application), "websocket": websocket}
    )
