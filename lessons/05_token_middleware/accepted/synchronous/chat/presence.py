"""Who is in which group: a roster that threads share, so nobody touches it without the lock."""

import itertools
from threading import Lock
from typing import NamedTuple

_tabs = {}  # (group, tab): person
_lock = Lock()
_changes = itertools.count()


class Online(NamedTuple):
    people: int
    tabs: int
    at: int


def enter(group, tab, person):
    """Note that a tab is open, and whose it is; return Online."""
    with _lock:
        _tabs[group, tab] = person
        return _count(group)


def leave(group, tab):
    """Strike a tab off; return Online."""
    with _lock:
        _tabs.pop((group, tab), None)
        return _count(group)


def _count(group):
    people = [person for (where, _), person in _tabs.items() if where == group]
    return Online(len(set(people)), len(people), next(_changes))
