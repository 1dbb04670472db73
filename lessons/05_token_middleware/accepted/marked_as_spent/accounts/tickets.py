"""Tickets: made for one join of one room, and spent once."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from .models import Ticket
from .tokens import digest_of, new_secret


async def create_ticket(user, room):
    """Give `user` a ticket for `room`, and return it."""
    ticket = new_secret()
    await Ticket.objects.acreate(
        digest=digest_of(ticket),
        user=user,
        room=room,
        expires_at=timezone.now() + timedelta(seconds=settings.TICKET_SECONDS),
    )
    return ticket


async def spend(secret, room):
    """Return whose ticket for `room` that is, and mark it as spent; None unless it is good."""
    now = timezone.now()
    wanted = Ticket.objects.filter(digest=digest_of(secret))
    unspent = wanted.filter(room=room, expires_at__gt=now, spent_at=None, user__is_active=True)
    # An UPDATE looks and writes in one step: of many, one has changed the row.
    if await unspent.aupdate(spent_at=now) != 1:
        return None
    ticket = await wanted.select_related("user").aget()
    return ticket.user
