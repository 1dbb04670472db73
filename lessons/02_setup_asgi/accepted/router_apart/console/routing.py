"""WebSocket routes of the project, as regular expressions."""

from django.urls import re_path

from config.not_found import not_found

from . import consumers

websocket_urlpatterns = [
    re_path(r"^ws/echo/$", consumers.Echo.as_asgi()),
    re_path(r".*", not_found),
]
