"""Settings for a Redis that Sentinel watches over: when the master is lost, a replica follows it.

    DJANGO_SETTINGS_MODULE=deploy.redis_sentinel
    REDIS_SENTINELS=sentinel1:26379,sentinel2:26379,sentinel3:26379
    REDIS_MASTER=chat

What changes: nobody has the address of Redis any more, the sentinels are asked for it at each new
connection. The layer connects anew by itself. Between the loss and the election (a few seconds)
nothing is published: whoever speaks is told so, what was said is not kept.

chat/presence.py has a client of its own, and takes it from here then:
`redis.asyncio.Sentinel(SENTINELS).master_for(REDIS_MASTER, decode_responses=True)`.
"""

import os

from deploy.settings import *  # noqa: F403

SENTINELS = [
    (host, int(port))
    for host, port in (
        address.rsplit(":", 1) for address in os.environ["REDIS_SENTINELS"].split(",")
    )
]
REDIS_MASTER = os.environ["REDIS_MASTER"]

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"sentinels": SENTINELS, "master_name": REDIS_MASTER}]},
    },
}
