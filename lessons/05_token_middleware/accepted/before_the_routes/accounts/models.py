from django.conf import settings
from django.db import models


class Token(models.Model):
    key = models.CharField(max_length=128, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    expires_at = models.DateTimeField()


class Ticket(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    # What it was fetched with; nothing for a session. With the token goes the ticket.
    token = models.ForeignKey(Token, models.CASCADE, null=True)
    room = models.TextField()
    expires_at = models.DateTimeField()
