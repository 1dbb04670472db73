"""What Redis is told: its own view of a cell, by MONITOR."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from .projects import own_redis

#: What redis-py itself says at the begin of a connection.
_GREETINGS = ("CLIENT ", "HELLO ", "AUTH ")


@asynccontextmanager
async def redis_commands() -> AsyncIterator[list[str]]:
    """Note what this kernel's Redis is told, by whomever, while the context is open.

        async with redis_commands() as commands:
            ...
        commands    # complete by then: ["PUBLISH …", …]

    Bytes that are no letters stand as `\\x81`.
    """
    noted: list[str] = []
    async with Redis.from_url(own_redis().own_url) as redis, redis.monitor() as monitor:
        try:
            yield noted
        finally:
            # What was told before this has been shown before it.
            sentinel = os.urandom(8).hex()
            await redis.echo(sentinel)
            async for entry in monitor.listen():
                command: str = entry["command"]
                if sentinel in command:
                    break
                if not command.startswith(_GREETINGS):
                    noted.append(command)
