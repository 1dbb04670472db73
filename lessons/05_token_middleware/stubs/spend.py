async def spend(secret, room):
    """Return whose ticket for `room` that is, and spend it; None unless it is good."""
    # For any room, for ever, and as often as anybody likes. Your turn.
    tickets = Ticket.objects.select_related("user").filter(digest=digest_of(secret))
    ticket = await tickets.afirst()
    return Visitor(ticket.user, ticket.token_id) if ticket else None
