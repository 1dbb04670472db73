async def enter(group, tab, person):
    """Note that a tab is open, and whose it is; return Online."""
    return _count(group)  # nothing is noted. Your turn.
