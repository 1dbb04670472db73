"""Routes of the stage and of the presenter's page."""

from django.urls import path, re_path

from . import views
from .consumers import PresenterConsumer, StageConsumer

urlpatterns = [
    path("", views.home),
    path("static/<str:name>", views.static),
    re_path(r"^(?P<language>en|ru)/$", views.stage),
    re_path(r"^(?P<language>en|ru)/presenter/$", views.presenter),
]

websocket_urlpatterns = [
    re_path(r"^ws/(?P<language>en|ru)/stage/$", StageConsumer.as_asgi()),
    re_path(r"^ws/(?P<language>en|ru)/presenter/$", PresenterConsumer.as_asgi()),
]
