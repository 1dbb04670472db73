"""Tickets: made for one join of one room, and spent once."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from .models import Ticket
from .tokens import digest_of, new_secret


def create_ticket(user, room):
    """Give `user` a ticket for `room`, and return it."""
    ticket = new_secret()
    expires_at = timezone.now() + timedelta(seconds=settings.TICKET_SECONDS)
    user.tickets.create(digest=digest_of(ticket), room=room, expires_at=expires_at)
    return ticket


def spend(ticket, room):
    """Return whose ticket for `room` that is, and spend it; None unless it is good."""
    # Whoever is in here is alone: SQLite takes one writer at a time, others wait for the row.
    with transaction.atomic():
        found = Ticket.objects.select_for_update().filter(digest=digest_of(ticket)).first()
        if found is None or found.room != room:
            return None
        is_good = timezone.now() < found.expires_at and found.user.is_active
        return found.user if found.delete()[0] and is_good else None
