"""Who is in which group: plain functions on a dictionary."""

_groups = {}  # group: {tab: person}


def enter(group, tab, person):
    """Note that a tab is open, and whose it is."""
    _groups.setdefault(group, {})[tab] = person


def leave(group, tab):
    """Strike a tab off; return whether it was there."""
    tabs = _groups.get(group, {})
    was_there = tabs.pop(tab, None) is not None
    if not tabs:
        _groups.pop(group, None)
    return was_there


def online(group):
    """Return how many people are in the group, and in how many tabs."""
    tabs = _groups.get(group, {})
    return len(set(tabs.values())), len(tabs)
