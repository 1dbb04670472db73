"""Announcements: what is told to a room from outside of the chat, from any process."""

from django.db import transaction

from .hub import publish_sync
from .models import Announcement
from .rooms import group_name


def announce(room, text):
    """Store an announcement; tell the room once the transaction around this call is committed."""
    Announcement.objects.create(room=room, text=text)

    def tell():
        publish_sync(group_name(room), announcement=text)

    transaction.on_commit(tell, robust=True)
