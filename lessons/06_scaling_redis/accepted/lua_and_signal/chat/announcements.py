"""Announcements: whoever stores one, in whichever way, has it told."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from .models import Announcement
from .rooms import group_name


def announce(room, text):
    Announcement(room=room, text=text).save()


@receiver(post_save, sender=Announcement)
def tell(sender, instance, created, **options):
    def send():
        async_to_sync(get_channel_layer().group_send)(
            group_name(instance.room), {"type": "chat_announcement", "text": instance.text}
        )

    transaction.on_commit(send, robust=True)
