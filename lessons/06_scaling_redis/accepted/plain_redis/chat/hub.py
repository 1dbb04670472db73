"""How the processes hear each other: Redis' own pub/sub, one connection for each tab."""

import asyncio
import contextlib
import json

from django.conf import settings
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.exceptions import RedisError

redis = Redis.from_url(settings.REDIS_URL, max_connections=10_000)


async def publish(group, **event):
    await redis.publish(group, json.dumps(event))


def publish_sync(group, **event):
    with SyncRedis.from_url(settings.REDIS_URL) as client:
        client.publish(group, json.dumps(event))


class Subscription:
    """What comes to one group, from when `begin` returns until `end` is called."""

    def __init__(self, group, handle):
        self._group = group
        self._handle = handle
        self._pubsub = redis.pubsub()
        self._task = None

    async def begin(self):
        await self._pubsub.subscribe(self._group)
        while await self._next() is None:  # Redis answers that it has subscribed
            pass
        self._task = asyncio.create_task(self._listen())

    async def _next(self):
        return await self._pubsub.get_message(timeout=60)

    async def _listen(self):
        while True:
            try:
                message = await self._next()
            except RedisError:
                await asyncio.sleep(0.2)  # it subscribes again by itself
                continue
            if message is not None and message["type"] == "message":
                await self._handle(json.loads(message["data"]))

    async def end(self):
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(RedisError):
            await self._pubsub.aclose()
