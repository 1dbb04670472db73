"""WebSocket routes of the project: the lesson's, with the consumer over the fan-out."""

from django.urls import path, re_path

from accounts.middleware import KnownVisitorsOnly
from config.not_found import NotFoundConsumer

from .fanout_consumer import ChatConsumer

websocket_urlpatterns = [
    path("ws/chat/<str:room>/", KnownVisitorsOnly(ChatConsumer.as_asgi())),
    re_path(r"", NotFoundConsumer.as_asgi()),
]
