"""Settings for a Redis Cluster.

    DJANGO_SETTINGS_MODULE=deploy.redis_cluster
    REDIS_NODES=redis://node1:6379,redis://node2:6379,redis://node3:6379

What changes for the channel layer: next to nothing. A cluster hands what is published at one node to
all of them, so the layer may talk to any. It takes each address for a shard and sends a room always
to the same one. A node that is lost takes its rooms with it until it is back: this layer knows
nothing of slots and failovers. And since every node hears everything, nodes add no capacity for
messages; separate servers do, named in the very same list.

Keys are another matter: each lives on one node, a plain client is answered MOVED by the others. So
the client in chat/presence.py becomes a `redis.asyncio.RedisCluster`. Keys that one script or
transaction touches together would have to share a {tag} in their names; presence has one key a room.
"""

import os

from deploy.settings import *  # noqa: F403

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": os.environ["REDIS_NODES"].split(",")},
    },
}
