"""Routes of the pages and of the panel."""

from django.urls import path, re_path

from ..stage.microscope import urls as frames
from . import views
from .already_running import PATH
from .consumers import PanelConsumer

urlpatterns = [
    path("", views.home),
    path("live/", views.live),
    path(PATH, views.workspace),
    path("live/static/<path:path>", views.static),
    re_path(r"^(?P<language>en|ru)/live/$", views.panel),
    *frames.urlpatterns,
    re_path(r"^(?P<language>en|ru)/(?P<path>.*)$", views.page),
]

handler404 = views.no_such_page

websocket_urlpatterns = [
    re_path(r"^ws/live/(?P<language>en|ru)/$", PanelConsumer.as_asgi()),
    # `page` is the name of the lesson that the page is about, or nothing.
    re_path(r"^ws/page/(?P<language>en|ru)/(?P<page>\w*)/?$", PanelConsumer.as_asgi()),
    *frames.websocket_urlpatterns,
]
