"""Tickets: made for one join of one room, and spent once."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from .models import Ticket
from .tokens import digest_of, new_secret
from .visitors import Visitor


async def create_ticket(visitor, room):
    """Give `visitor` a ticket for `room`, and return it."""
    now = timezone.now()
    await Ticket.objects.filter(expires_at__lte=now).adelete()  # never fetched, never missed
    ticket = new_secret()
    await Ticket.objects.acreate(
        digest=digest_of(ticket),
        user=visitor.user,
        token_id=visitor.token,
        room=room,
        expires_at=now + timedelta(seconds=settings.TICKET_SECONDS),
    )
    return ticket


# --8<-- [start:spend]
async def spend(secret, room):
    """Return whose ticket for `room` that is, and spend it; None unless it is good."""
    good = Ticket.objects.filter(digest=digest_of(secret), room=room, expires_at__gt=timezone.now())
    ticket = await good.select_related("user").afirst()
    # Many may have come as far as this with the same ticket. Only one of them deletes it.
    deleted, _ = await good.adelete()
    return Visitor(ticket.user, ticket.token_id) if deleted else None


# --8<-- [end:spend]
