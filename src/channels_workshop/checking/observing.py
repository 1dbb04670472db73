"""Group membership, read from outside: from the Redis that the observed server's layer uses."""

import asyncio

import redis.asyncio

from ..language import _
from .agreement import Departure
from .client import Client

_GROUP_KEYS = "asgi:group:*"


class Groups:
    """The groups of the observed server, as its visitor's connections should fill them."""

    def __init__(self, redis_url: str, visitor: Client) -> None:
        self._redis = redis.asyncio.Redis.from_url(redis_url, decode_responses=True)
        self._visitor = visitor

    async def sizes(self) -> list[int]:
        """Return how many channels each group holds, sorted; an empty group is not there."""
        keys = [key async for key in self._redis.scan_iter(_GROUP_KEYS)]
        return sorted([await self._redis.zcard(key) for key in keys])

    async def become(self, *members: int) -> None:
        """Wait until there are as many groups as `members` has numbers, of just those sizes.

        Raises Departure if that does not come while patience lasts, Closed as soon as the server hangs
        up on somebody. A server is free to touch the group before or after its answer to a
        handshake or a close, so this looks again; how often it looks has no say in the verdict.
        """
        agreed, sizes = sorted(members), await self.sizes()
        # A deadline, and no asyncio.timeout: redis-py 8.1 may swallow the cancellation.
        patience = self._visitor.patience
        deadline = asyncio.get_running_loop().time() + patience.seconds
        while sizes != agreed:
            if asyncio.get_running_loop().time() > deadline:
                patience.was_in_vain()
                raise Departure(_told(agreed), _told(sizes))
            await self._visitor.still_connected(_told(agreed))
            await asyncio.sleep(0.01)
            sizes = await self.sizes()

    async def close(self) -> None:
        """Let the connection to Redis go."""
        await self._redis.aclose()


def _told(sizes: list[int]) -> str:
    if not sizes:
        return _("no group has any member")
    return _("members of each group: {members}", members=", ".join(map(str, sizes)))
