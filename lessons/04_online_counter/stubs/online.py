def _count(group):
    """Return Online: how many people are in the group now, and in how many tabs."""
    tabs = len(_groups.get(group, set()))
    return Online(tabs, tabs, next(_changes))  # every tab for a person. Your turn.
