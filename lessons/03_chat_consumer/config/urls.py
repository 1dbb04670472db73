"""HTTP routes of the project."""

from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path

urlpatterns = [
    path("", include("chat.urls")),
]

# `runserver` serves static files by itself; uvicorn does not. Only while DEBUG is on.
urlpatterns += staticfiles_urlpatterns()
