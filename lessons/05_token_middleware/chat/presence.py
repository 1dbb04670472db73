"""Who is in which group: the roster of this process. Another process keeps one of its own.

It holds names and no numbers. A name that is noted or struck off twice is still counted right.
Nothing is awaited between a change and its count, so nobody else comes in between. `enter` and
`leave` are coroutines all the same: a roster outside of this process (lesson 06) has to be awaited.
"""

import itertools
from typing import NamedTuple

_groups = {}  # group: {(tab, person), …}
_changes = itertools.count(1)


class Online(NamedTuple):
    """How many people are in a group, in how many tabs, and when that was so.

    `at` is the number of the change in this process: later counts have a greater one.
    """

    people: int
    tabs: int
    at: int


async def enter(group, tab, person):
    """Note that a tab is open, and whose it is; return Online."""
    _groups.setdefault(group, set()).add((tab, person))
    return _count(group)


async def leave(group, tab, person):
    """Strike a tab off; return Online. A second time changes nothing."""
    tabs = _groups.get(group, set())
    tabs.discard((tab, person))
    if not tabs:
        _groups.pop(group, None)  # rooms come and go: an empty one takes no memory
    return _count(group)


def _count(group):
    """Return Online: how many people are in the group now, and in how many tabs."""
    tabs = _groups.get(group, set())
    people = {person for _tab, person in tabs}
    return Online(len(people), len(tabs), next(_changes))
