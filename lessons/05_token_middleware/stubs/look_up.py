async def find_user(token):
    """Return whose token that is; None unless it is good."""
    # Reads them all, and any will do that was ever given out. Your turn.
    async for stored in Token.objects.select_related("user"):
        if stored.digest == digest_of(token):
            return stored.user
    return None
