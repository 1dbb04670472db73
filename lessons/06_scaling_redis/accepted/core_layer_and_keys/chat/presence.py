"""Who is here: one key for each tab, which Redis itself lets expire; a SCAN finds them.

A scan looks at all keys of this Redis: good for a small one.
"""

import uuid

from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis

redis = Redis(connection_pool=BlockingConnectionPool.from_url(settings.REDIS_URL))


class Tab:
    """One tab of one person in a group."""

    def __init__(self, group, person):
        self.group = group
        self.person = person
        self._key = f"tab:{group}:{uuid.uuid4()}"

    async def renew(self):
        """Be here for PRESENCE_SECONDS from now."""
        lifetime = int(settings.PRESENCE_SECONDS * 1000)
        await redis.set(self._key, self.person, px=lifetime)

    async def leave(self):
        await redis.delete(self._key)


async def online(group):
    """Return how many people are in the group, and in how many tabs."""
    keys = [key async for key in redis.scan_iter(f"tab:{group}:*", count=1000)]
    people = [person for person in await redis.mget(keys) if person] if keys else []
    return len(set(people)), len(people)
