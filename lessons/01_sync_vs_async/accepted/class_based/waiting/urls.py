"""HTTP routes of the lesson."""

from django.urls import path

from . import views
from .mail import Mailbox, Send
from .questions import Awaiting, Sunrise, Together

urlpatterns = [
    path("", views.index, name="index"),
    path("ping/", views.ping, name="ping"),
    path("server/", views.server, name="server"),
    path("sync/", views.sync, name="sync"),
    path("blocking/", views.blocking, name="blocking"),
    path("awaiting/", Awaiting.as_view(), name="awaiting"),
    path("together/", Together.as_view(), name="together"),
    path("sunrise/", Sunrise.as_view(), name="sunrise"),
    path("postcards/", Mailbox.as_view(), name="postcards"),
    path("postcards/send/", Send.as_view(), name="send_postcard"),
]
