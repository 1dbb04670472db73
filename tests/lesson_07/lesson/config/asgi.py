"""HTTP goes to Django, WebSocket to the dashboard."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_asgi_application()

from dashboard.consumers import Dashboard  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django,
        "websocket": URLRouter([path("ws/dashboard/", Dashboard.as_asgi())]),
    }
)
