"""WebSocket routes of the project."""

from django.urls import path, re_path

from config.not_found import NotFoundConsumer

from .consumers import EchoConsumer

# --8<-- [start:routes]
websocket_urlpatterns = [
    path("ws/echo/", EchoConsumer.as_asgi()),
    re_path(r"", NotFoundConsumer.as_asgi()),
]

# --8<-- [end:routes]
