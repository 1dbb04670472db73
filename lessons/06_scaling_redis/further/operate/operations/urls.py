"""HTTP routes for those who run the chat."""

from django.urls import path

from . import views

urlpatterns = [
    path("healthz", views.healthz),
    path("metrics", views.metrics),
]
