"""Who is here: one hash for each group. What changes it writes the count into the log, in one step."""

import time

from django.conf import settings

from .log import LENGTH, STREAM, place_of, redis

# A script is carried out as one, so counts stand in the log in the order in which they were true.
_NOTE = redis.register_script(
    """
    local here, log = KEYS[1], KEYS[2]
    local tab, person, group, now, lifetime, length = unpack(ARGV)
    if person == '' then
        redis.call('HDEL', here, tab)
    else
        redis.call('HSET', here, tab, (now + lifetime) .. ' ' .. person)
    end
    local people, seen, tabs = 0, {}, 0
    local entries = redis.call('HGETALL', here)
    for i = 1, #entries, 2 do
        local expires, name = string.match(entries[i + 1], '^(%S+) (.*)$')
        if tonumber(expires) <= tonumber(now) then
            redis.call('HDEL', here, entries[i])
        else
            tabs = tabs + 1
            if not seen[name] then
                seen[name] = true
                people = people + 1
            end
        end
    end
    redis.call('PEXPIRE', here, lifetime)
    local frame = '{"type": "online_count", "count": ' .. people .. ', "tabs": ' .. tabs .. '}'
    return redis.call('XADD', log, 'MAXLEN', length, '*', 'group', group, 'frame', frame)
    """
)


async def enter(group, tab, person):
    """Note that a tab is open for PRESENCE_SECONDS from now; return where that stands in the log."""
    # In milliseconds, since Lua writes no more than fourteen digits of a number.
    now, lifetime = round(time.time() * 1000), round(settings.PRESENCE_SECONDS * 1000)
    keys, args = [f"here.{group}", STREAM], [tab, person, group, now, lifetime, LENGTH]
    return place_of(await _NOTE(keys=keys, args=args))


async def leave(group, tab):
    """Strike a tab off. A second time changes nothing."""
    await enter(group, tab, "")
