"""Who is in which group, on whatever process: in Redis, one sorted set for each group.

A member is a tab and whose it is, its score the moment at which it expires. Each connection renews
its own tab. Whoever can not, since the process was killed, is soon neither counted nor kept.
"""

import time
from typing import NamedTuple

from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis

# When all its connections are taken, this pool waits for one; redis-py's usual pool raises.
redis = Redis(
    connection_pool=BlockingConnectionPool.from_url(
        settings.REDIS_URL, max_connections=20, decode_responses=True
    )
)


class Online(NamedTuple):
    """How many people are in a group, in how many tabs.

    `at` tells counts apart: later ones have a greater one. In microseconds, by the clock of Redis.
    """

    people: int
    tabs: int
    at: int


# --8<-- [start:roster]
async def enter(group, tab, person):
    """Note that a tab is open for PRESENCE_SECONDS from now, and whose it is; return Online."""
    async with redis.pipeline(transaction=True) as transaction:
        expires_at = time.time() + settings.PRESENCE_SECONDS
        transaction.zadd(_key(group), {_member(tab, person): expires_at})
        return await _count(transaction, group)


async def leave(group, tab, person):
    """Strike a tab off, return Online. A second time changes nothing."""
    async with redis.pipeline(transaction=True) as transaction:
        transaction.zrem(_key(group), _member(tab, person))
        return await _count(transaction, group)


async def _count(transaction, group):
    """End a transaction: strike off whoever has expired, count who is left, and carry it out."""
    key = _key(group)
    transaction.zremrangebyscore(key, "-inf", time.time())
    # Where nobody renews anything the whole set goes.
    transaction.pexpire(key, round(settings.PRESENCE_SECONDS * 1000))
    transaction.zrange(key, 0, -1)
    transaction.time()
    *_, members, (seconds, microseconds) = await transaction.execute()
    people = {_person(member) for member in members}
    return Online(len(people), len(members), seconds * 1_000_000 + microseconds)


# --8<-- [end:roster]


def _key(group):
    return f"presence.{group}"


def _member(tab, person):
    return f"{tab} {person}"


def _person(member):
    _tab, _space, person = member.partition(" ")  # the layer gives tabs names without a space
    return person
