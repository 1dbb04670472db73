"""The lab's own Redis: ours to harm, and watched."""

import asyncio
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from ...processes.redis import STAND_IN, EmbeddedRedis, start_redis
from ..microscope.recording import Recording
from .notes import Notes

#: What redis-py says by itself, and what we ask.
_CEREMONY = ("CLIENT ", "HELLO ", "AUTH ", "PING", "MONITOR", "SELECT ")


class WatchedRedis:
    """A Redis that is started, stopped and asked; what it is told is on the time line."""

    def __init__(self, recording: Recording) -> None:
        self._notes = Notes(recording, "Redis")
        self._server: EmbeddedRedis | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        assert self._server
        return self._server.url

    @property
    def port(self) -> int:
        """The port that it is on, also while it is stopped."""
        assert self._server
        return self._server.port

    async def start(self) -> None:
        """Start it; once it was stopped, at the same place, and empty."""
        before = self._server
        self._server = await asyncio.to_thread(before.restarted if before else start_redis)
        if self._server.kind != STAND_IN:
            ready = asyncio.Event()
            self._watching = asyncio.create_task(self._watch(ready))
            await ready.wait()

    async def stop(self) -> None:
        """End it."""
        assert self._server
        await asyncio.to_thread(self._server.stop)
        await self._end_watching()

    async def ask(self, *command: Any) -> Any:
        """Return what it answers to a command."""
        async with redis.asyncio.Redis.from_url(self.url, decode_responses=True) as client:
            return await client.execute_command(*command)

    async def end(self) -> None:
        """End it, if it is there."""
        await self._end_watching()
        if self._server:
            await asyncio.to_thread(self._server.stop)

    async def _watch(self, ready: asyncio.Event) -> None:
        try:
            async with (
                redis.asyncio.Redis.from_url(self.url) as client,
                client.monitor() as monitor,
            ):
                ready.set()
                async for entry in monitor.listen():
                    if not entry["command"].upper().startswith(_CEREMONY):
                        self._notes.note("told", entry["command"])
        except (RedisError, OSError, ValueError):  # it has ended
            pass
        finally:
            ready.set()

    async def _end_watching(self) -> None:
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
