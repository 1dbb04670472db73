"""The core layer, whose consumers get over the loss of Redis."""

import asyncio

from channels_redis.core import RedisChannelLayer
from redis.exceptions import RedisError


class PatientLayer(RedisChannelLayer):
    async def receive(self, channel):
        while True:
            try:
                return await super().receive(channel)
            except RedisError:
                await asyncio.sleep(0.2)
