"""WebSocket routes of the project."""

from django.urls import path, re_path

from config.not_found import NotFoundConsumer

from .consumers import chat

websocket_urlpatterns = [
    path("ws/chat/<str:room>/", chat),
    re_path(r"", NotFoundConsumer.as_asgi()),
]
