async def spend(ticket, room):
    """Return whose ticket for `room` that is, and spend it; None unless it is good."""
    # For any room, for ever, and as often as anybody likes. Your turn.
    found = await Ticket.objects.select_related("user").filter(digest=digest_of(ticket)).afirst()
    return found.user if found else None
