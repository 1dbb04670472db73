def online(group):
    """Return how many people are in the group, and in how many tabs."""
    tabs = len(_groups.get(group, {}))
    return tabs, tabs  # every tab for a person. Your turn.
