"""WebSocket routes of the project."""

from django.urls import path, re_path

from config.not_found import NotFoundConsumer

from .consumers import ChatConsumer

websocket_urlpatterns = [
    path("ws/chat/<str:room>/", ChatConsumer.as_asgi()),
    re_path(r"", NotFoundConsumer.as_asgi()),
]
