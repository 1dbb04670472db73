_groups = {}  # group: a set of (tab, person): of this process alone, and nothing expires. Your turn.


async def enter(group, tab, person):
    """Note that a tab is open for PRESENCE_SECONDS from now, and whose it is; return Online."""
    _groups.setdefault(group, set()).add((tab, person))
    return _count(group)


async def leave(group, tab, person):
    """Strike a tab off, return Online. A second time changes nothing."""
    _groups.get(group, set()).discard((tab, person))
    return _count(group)


def _count(group):
    tabs = _groups.get(group, set())
    return Online(len({person for _tab, person in tabs}), len(tabs), time.time_ns() // 1000)
