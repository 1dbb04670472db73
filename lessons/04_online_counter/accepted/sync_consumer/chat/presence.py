"""Who is in which group: an account that threads share, so nobody touches it without the lock."""

from threading import Lock

_tabs = {}  # (group, tab): person
_lock = Lock()


def enter(group, tab, person):
    with _lock:
        _tabs[group, tab] = person


def leave(group, tab):
    """Strike a tab off; return whether it was there."""
    with _lock:
        return _tabs.pop((group, tab), None) is not None


def online(group):
    """Return how many people are in the group, and in how many tabs."""
    with _lock:
        people = [person for (where, _), person in _tabs.items() if where == group]
    return len(set(people)), len(people)
