"""Announcements: one more entry of the log, written after the commit."""

from django.conf import settings
from django.db import transaction
from redis import Redis

from .frames import announcement_frame
from .log import LENGTH, STREAM
from .models import Announcement
from .rooms import group_name


def announce(room, text):
    Announcement.objects.create(room=room, text=text)
    entry = {"group": group_name(room), "frame": announcement_frame(text)}

    def write():
        with Redis.from_url(settings.REDIS_URL) as client:
            client.xadd(STREAM, entry, maxlen=LENGTH)

    transaction.on_commit(write, robust=True)
