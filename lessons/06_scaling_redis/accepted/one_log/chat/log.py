"""One log for the whole chat: a stream in Redis. Each process hands its tabs what is theirs of it.

A place in it is (milliseconds, number), by the clock of Redis: what is written later has a greater one.
"""

import asyncio
import logging
from collections import defaultdict

from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

STREAM = "chat.log"
# Entries. A process that was held up has to find there all that was written meanwhile.
LENGTH = 10_000

redis = Redis(
    connection_pool=BlockingConnectionPool.from_url(
        settings.REDIS_URL, max_connections=20, decode_responses=True
    )
)


class Log:
    def __init__(self):
        self._listeners = defaultdict(set)  # by group
        self._reader = None
        self._beginning = asyncio.Lock()

    async def begin(self):
        """Read on from where the log ends now, unless somebody has begun that already."""
        async with self._beginning:
            if self._reader is None:
                newest = await redis.xrevrange(STREAM, count=1)
                last = newest[0][0] if newest else "0-0"
                self._reader = asyncio.create_task(self._read(last))

    async def _read(self, last):
        while True:
            try:
                streams = await redis.xread({STREAM: last}, block=1000, count=200)
            except RedisError as error:
                logger.warning("Redis is away, so the log cannot be read: %s", error)
                await asyncio.sleep(0.2)
                continue
            for _stream, entries in streams:
                for entry_id, entry in entries:
                    last = entry_id
                    for listen in list(self._listeners.get(entry["group"], ())):
                        listen(place_of(entry_id), entry["frame"])

    def add(self, group, listen):
        """Have `listen(place, frame)` called for whatever is written for that group from now on."""
        self._listeners[group].add(listen)

    def remove(self, group, listen):
        self._listeners[group].discard(listen)
        if not self._listeners[group]:
            del self._listeners[group]


log = Log()


async def write(group, frame):
    """Write what everyone in that group is to be sent."""
    await redis.xadd(STREAM, {"group": group, "frame": frame}, maxlen=LENGTH)


def place_of(entry_id):
    """Return the place of an entry, whose id Redis writes as `1700000000000-0`."""
    milliseconds, number = entry_id.split("-")
    return int(milliseconds), int(number)
