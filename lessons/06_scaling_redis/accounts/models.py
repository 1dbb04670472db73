"""What people show to say who they are. Only digests are stored: who reads them can use none."""

from django.conf import settings
from django.db import models


class Token(models.Model):
    """A long-lived secret of one user, for programs. It can be taken back."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"a token of {self.user_id}"


class Ticket(models.Model):
    """A short-lived secret for one join of one room, for browsers. A spent one is deleted."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tickets")
    room = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    def __str__(self):
        return f"a ticket of {self.user_id} for {self.room}"
