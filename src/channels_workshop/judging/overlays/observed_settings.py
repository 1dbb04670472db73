"""The project's own settings, with groups in a Redis where the checks can count their members."""

import os

from config.settings import *

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [
                # Without this, redis-py 8 gives an idle connection up after five seconds.
                {"address": os.environ["OBSERVED_REDIS_URL"], "socket_timeout": None}
            ],
        },
    },
}
