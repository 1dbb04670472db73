"""Tickets: made for one join of one room, and spent once."""

from django.conf import settings
from django.utils import timezone

from .models import Ticket
from .moments import in_seconds
from .tokens import digest_of, new_secret


async def create_ticket(user, room):
    """Give `user` a ticket for `room`, and return it."""
    # Never shown, never missed.
    await Ticket.objects.filter(expires_at__lte=timezone.now()).adelete()
    ticket = new_secret()
    expires_at = in_seconds(settings.TICKET_SECONDS)
    digest = digest_of(ticket)
    await Ticket.objects.acreate(digest=digest, user=user, room=room, expires_at=expires_at)
    return ticket


# --8<-- [start:spend]
async def spend(ticket, room):
    """Return whose ticket for `room` that is, and spend it; None unless it is good."""
    good = Ticket.objects.filter(
        digest=digest_of(ticket), room=room, expires_at__gt=timezone.now(), user__is_active=True
    )
    found = await good.select_related("user").afirst()
    # Many may have come as far as this with the same ticket. Only one of them deletes it.
    deleted, _ = await good.adelete()
    return found.user if deleted else None


# --8<-- [end:spend]
