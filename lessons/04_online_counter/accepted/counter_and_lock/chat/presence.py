"""Who is in which room: a Counter of tabs for each, and a lock that keeps what is told in order."""

import asyncio
from collections import Counter, defaultdict


class Room:
    """One room's people, with the number of tabs that each has open."""

    def __init__(self):
        self.tabs = Counter()
        # Held from the change until it is told: numbers leave in the order in which they arose.
        self.changing = asyncio.Lock()

    def add(self, person):
        self.tabs[person] += 1

    def remove(self, person):
        self.tabs[person] -= 1
        if not self.tabs[person]:
            del self.tabs[person]

    @property
    def online(self):
        """How many people are here, and in how many tabs."""
        return {"people": len(self.tabs), "tabs": self.tabs.total()}


ROOMS = defaultdict(Room)
