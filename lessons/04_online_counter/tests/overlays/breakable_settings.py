"""The project's own settings, with its channel layer in a Redis that will be gone for a while."""

import os

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from config.settings import *

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": os.environ["BREAKABLE_REDIS_URL"],
                    # Without this, redis-py 8 gives an idle connection up after five seconds.
                    "socket_timeout": None,
                    # A connection from before the loss fails when it is used next: once more.
                    "retry": Retry(NoBackoff(), 3),
                }
            ],
        },
    },
}
