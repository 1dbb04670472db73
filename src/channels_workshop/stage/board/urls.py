"""Routes of the board: how to join, for everybody; the board itself, for whoever teaches."""

from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path, re_path

from . import views
from .consumers import BoardConsumer, LearnerConsumer, NobodyConsumer
from .joining.address import SOCKET

urlpatterns = [
    path("", views.home),
    path("static/<str:name>", views.static),
    path("join.svg", views.join_code),
    re_path(r"^(?P<language>en|ru)/$", views.join),
    re_path(r"^(?P<language>en|ru)/board/$", views.board),
]

websocket_urlpatterns = [
    # Where learners' workshops connect, which have no Origin, and by whatever name they know us.
    path(SOCKET, LearnerConsumer.as_asgi()),
    re_path(
        r"^ws/(?P<language>en|ru)/board/$", AllowedHostsOriginValidator(BoardConsumer.as_asgi())
    ),
    re_path("", NobodyConsumer.as_asgi()),
]
