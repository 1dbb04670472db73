"""WebSocket routes of the project."""

from django.urls import path, re_path

from accounts.middleware import KnownVisitorsOnly
from config.not_found import NotFoundConsumer

from .away import TryAgainLater
from .consumers import ChatConsumer

websocket_urlpatterns = [
    path("ws/chat/<str:room>/", KnownVisitorsOnly(TryAgainLater(ChatConsumer.as_asgi()))),
    re_path(r"", NotFoundConsumer.as_asgi()),
]
