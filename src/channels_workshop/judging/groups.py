"""Group membership, read from outside: from the Redis that the observed server's layer uses."""

import asyncio

from ..language import Message, counted, message
from .client import Client
from .mismatch import RanOut

_GROUP_KEYS = "asgi:group:*"


class Groups:
    """The groups of the observed server, as its visitor's connections should fill them."""

    def __init__(self, redis_url: str, visitor: Client) -> None:
        # Imported where it is needed: it takes a fifth of a second, and not every lesson does.
        import redis.asyncio

        self._redis = redis.asyncio.Redis.from_url(redis_url, decode_responses=True)
        self._visitor = visitor
        #: Whose each group is, by its key: see `gain_one`.
        self._owners: dict[str, str] = {}

    async def sizes(self) -> dict[str, int]:
        """Return how many channels each group holds, by its key; an empty group is not there."""
        keys = [key async for key in self._redis.scan_iter(_GROUP_KEYS)]
        return {key: await self._redis.zcard(key) for key in keys}

    async def become(self, *members: int, when: Message | None = None) -> None:
        """Wait until there are as many groups as `members` has numbers, of just those sizes.

        `when` says at which moment, where a check looks more than once. Raises RanOut if that does
        not come while patience lasts, Closed as soon as the server hangs up on somebody. A server
        is free to touch the group before or after its answer to a handshake or a close, so this
        looks again; how often it looks has no say in the verdict.
        """
        expected = sorted(members)
        sizes = await self._until(expected)
        if (actual := sorted(sizes.values())) != expected:
            raise RanOut(_listed(expected, when), _listed(actual, when))

    async def gain_one(self, name: str) -> None:
        """Wait until there is one more group, with one member: that of `name`, who has joined.

        All groups there are must have come so. Raises as `become` does; where `name` shares its
        group, the RanOut says with whom.
        """
        expected = [1] * (len(self._owners) + 1)
        sizes = await self._until(expected)
        if sorted(sizes.values()) == expected:
            self._owners |= {key: name for key in sizes if key not in self._owners}
            return
        shared = [self._owners.get(key) for key, size in sizes.items() if size > 1]
        raise RanOut(
            message("“{name}” has a group of its own", name=name),
            message("“{name}” is in the group of “{other}”", name=name, other=shared[0])
            if shared and shared[0]
            else _listed(sorted(sizes.values())),
            given=name,
        )

    async def _until(self, expected: list[int]) -> dict[str, int]:
        """Return the sizes once they are those, or when patience ends."""
        # A deadline, and no asyncio.timeout: redis-py 8.1 may swallow the cancellation.
        patience = self._visitor.patience
        deadline = asyncio.get_running_loop().time() + patience.seconds
        while sorted((sizes := await self.sizes()).values()) != expected:
            if asyncio.get_running_loop().time() > deadline:
                patience.ran_out()
                break
            await self._visitor.still_connected(_listed(expected))
            await asyncio.sleep(0.01)
        return sizes

    async def close(self) -> None:
        """Let the connection to Redis go."""
        await self._redis.aclose()


def _listed(sizes: list[int], when: Message | None = None) -> Message:
    if when is not None:
        return message("{when}: {what}", when=when, what=_listed(sizes))
    if not sizes:
        return message("no group has any member")
    return counted(
        "{count} group, members: {members}",
        "{count} groups, members in each: {members}",
        len(sizes),
        members=", ".join(map(str, sizes)),
    )
