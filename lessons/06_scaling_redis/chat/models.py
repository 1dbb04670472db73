"""What the chat keeps: announcements. What people say to each other is not kept."""

from django.db import models


class Announcement(models.Model):
    """Something that a room was told from outside."""

    room = models.CharField(max_length=200)
    text = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.room}: {self.text}"
