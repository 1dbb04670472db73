"""WebSocket routes of the project."""

from django.urls import re_path

from .consumers import EchoConsumer

routes = [re_path(r"^ws/echo/\Z", EchoConsumer.as_asgi())]
