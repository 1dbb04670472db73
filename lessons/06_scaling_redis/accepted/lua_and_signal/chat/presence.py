"""Who is here: one hash for each group, and one script that does it all, by Redis' own clock."""

from typing import NamedTuple

from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis

redis = Redis(
    connection_pool=BlockingConnectionPool.from_url(settings.REDIS_URL, max_connections=10)
)


class Online(NamedTuple):
    """How many people are in a group, in how many tabs, and when that was so."""

    people: int
    tabs: int
    at: int


# A script is carried out as one: nobody comes in between.
_CHANGE = redis.register_script(
    """
    local time = redis.call('TIME')
    local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
    local lifetime = tonumber(ARGV[3])
    if lifetime > 0 then
        redis.call('HSET', KEYS[1], ARGV[1], string.format('%.6f ', now + lifetime) .. ARGV[2])
    else
        redis.call('HDEL', KEYS[1], ARGV[1])
    end
    local people, seen, tabs = 0, {}, 0
    local entries = redis.call('HGETALL', KEYS[1])
    for i = 1, #entries, 2 do
        local expires, person = string.match(entries[i + 1], '^(%S+) (.*)$')
        if tonumber(expires) <= now then
            redis.call('HDEL', KEYS[1], entries[i])
        else
            tabs = tabs + 1
            if not seen[person] then
                seen[person] = true
                people = people + 1
            end
        end
    end
    return {people, tabs, tonumber(time[1]), tonumber(time[2])}
    """
)


async def enter(group, tab, person):
    return await _change(group, tab, person, settings.PRESENCE_SECONDS)


async def leave(group, tab, person):
    return await _change(group, tab, person, 0)


async def _change(group, tab, person, lifetime):
    key = f"here:{group}"
    people, tabs, seconds, rest = await _CHANGE(keys=[key], args=[tab, person, lifetime])
    return Online(people, tabs, seconds * 1_000_000 + rest)
