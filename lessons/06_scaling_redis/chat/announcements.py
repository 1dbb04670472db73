"""Announcements: what is told to a room from outside of the chat, from any process."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from .models import Announcement
from .rooms import group_name


# --8<-- [start:announce]
def announce(room, text):
    """Store an announcement; tell the room once the transaction around this call is committed."""
    Announcement.objects.create(room=room, text=text)
    # Robust: it is stored by then, and a Redis that is away must not look like a failure of that.
    transaction.on_commit(lambda: _tell(room, text), robust=True)


def _tell(room, text):
    event = {"type": "chat.announcement", "text": text}
    async_to_sync(get_channel_layer().group_send)(group_name(room), event)


# --8<-- [end:announce]
