from django.contrib import admin
from django.urls import path

from notes import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("notes/", views.index),
    path("notes/send/", views.send, name="send-note"),
]
