"""HTTP routes of the lesson."""

from django.urls import path
from django.views.decorators.http import require_POST

from . import views

urlpatterns = [
    path("", views.index, name="index"),
    path("ping/", views.ping, name="ping"),
    path("server/", views.server, name="server"),
    path("sync/", views.sync, name="sync"),
    path("blocking/", views.blocking, name="blocking"),
    path("awaiting/", views.awaiting, name="awaiting"),
    path("together/", views.together, name="together"),
    path("sunrise/", views.sunrise, name="sunrise"),
    path("postcards/", views.postcards, name="postcards"),
    path("postcards/send/", require_POST(views.send_postcard), name="send_postcard"),
]
