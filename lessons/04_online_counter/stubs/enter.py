def enter(group, tab, person):
    """Note that a tab is open, and whose it is."""
