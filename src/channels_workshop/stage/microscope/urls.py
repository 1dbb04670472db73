"""Routes of the microscope, below those of whoever shows it."""

from django.urls import path, re_path

from . import views
from .consumers import FramesConsumer

urlpatterns = [
    path("", views.home),
    re_path(r"^(?P<language>en|ru)/frames/$", views.page),
    re_path(r"^(?P<language>en|ru)/frames/replay/$", views.replay),
    path("frames/recording.jsonl", views.recording),
    path("frames/static/<str:name>", views.static),
]

websocket_urlpatterns = [path("ws/frames/", FramesConsumer.as_asgi())]
