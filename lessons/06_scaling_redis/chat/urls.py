"""HTTP routes of the chat."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.lobby, name="lobby"),
    path("chat/<str:room>/", views.room, name="room"),
    path("tickets/", views.tickets, name="tickets"),
]
