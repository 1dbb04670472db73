"""Who is in which group: the account of this process. Another process keeps one of its own.

It holds names and no numbers. A name that is noted or struck off twice is still counted right.
"""

_groups = {}  # group: {tab: person}


def enter(group, tab, person):
    """Note that a tab is open, and whose it is."""
    _groups.setdefault(group, {})[tab] = person


def leave(group, tab):
    """Strike a tab off; return whether it was there. A second time changes nothing."""
    tabs = _groups.get(group, {})
    was_there = tabs.pop(tab, None) is not None
    if not tabs:
        _groups.pop(group, None)  # rooms come and go: an empty one takes no memory
    return was_there


def online(group):
    """Return how many people are in the group, and in how many tabs."""
    tabs = _groups.get(group, {})
    return len(set(tabs.values())), len(tabs)
