"""Scenes that take their time: begun with the first check, looked at by the last ones."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from channels_workshop.chat_checks.accounts import Accounts
from channels_workshop.judging.client import Client
from channels_workshop.judging.patience import Patience
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.project import ProjectServer
from many_processes import Process, Resident
from outages import Outage

#: Seconds after which somebody expires on the servers of the scenes.
SOON = 2
#: Seconds: longer than redis-py 8 waits for a Redis that has nothing to say, and four times that.
LONG = 8
#: Seconds: what the agreement grants, counted from when a process is killed. It may become more on a
#: busy machine, which nobody is blamed for.
GRANTED = 2 * SOON
#: How many tabs come and go before Redis is emptied.
GUESTS = 80


class Scene:
    """What some people do in a room of their own while the other checks run, and its story.

    `begin` is given the processes, one for each server, and returns the people. Then nothing is done
    for so many `seconds`. `patience`, in seconds too, is what those who look on have.
    """

    def __init__(
        self,
        begin: Callable[..., Awaitable[list[Resident]]],
        *servers: ProjectServer,
        seconds: float,
        timeline: Timeline | None = None,
        patience: float = LONG,
    ) -> None:
        self.timeline = timeline or Timeline()
        self.server = servers[0]
        self._clients = [Client(s, self.timeline, patience=Patience(patience)) for s in servers]
        self._begin = begin
        self._seconds = seconds
        self._begun: asyncio.Task[list[Any]] | None = None

    def start(self, accounts: Accounts) -> None:
        """Begin, in the background."""
        processes = [Process(client, accounts) for client in self._clients]
        self._begun = asyncio.create_task(self._play(processes))

    async def _play(self, processes: list[Process]) -> list[Any]:
        people = await self._begin(*processes)
        await asyncio.sleep(self._seconds)  # the one hold of all checks
        return [*processes, *people]

    async def held(self) -> list[Any]:
        """Return the processes, then the people, after the hold. Raises what went wrong."""
        assert self._begun
        return await self._begun

    async def close(self) -> None:
        """End it, wherever it is."""
        assert self._begun
        self._begun.cancel()
        await asyncio.gather(self._begun, return_exceptions=True)
        for client in self._clients:
            await client.leave()


async def idle(process: Process) -> list[Resident]:
    """Two people say nothing; another one only listens."""
    people = [await process.arrives("idle", user) for user in ("ann", "bob")]
    return [*people, await process.join("idle", "eve")]


async def talking(process: Process) -> list[Resident]:
    """One of two people says something again and again, for longer than it takes to expire."""
    ann, bob = [await process.arrives("talking", user) for user in ("ann", "bob")]
    loop = asyncio.get_running_loop()
    end = loop.time() + 2 * SOON
    while loop.time() < end:
        await ann.says_and_hears("and another thing")
        await asyncio.sleep(SOON / 20)  # no wait for anything: it is how often people speak
    return [ann, bob]


async def left(process: Process) -> list[Resident]:
    """The first of three people leaves, the last drops out; `counts` of the other begins there."""
    bob, ann, eve = [await process.arrives("left", user) for user in ("bob", "ann", "eve")]
    await ann.comes_to_see(3, 3)
    await bob.leave()
    eve.drop()
    await ann.comes_to_see(1, 1)
    del ann.counts[:-1]
    return [ann]


async def lost(process: Process, killed: Process) -> list[Resident]:
    """Two of three people are connected to a process that is killed; and one of two tabs of dan."""
    ann = await process.arrives("lost", "ann")
    for user in ("bob", "eve"):
        await killed.arrives("lost", user)
    await ann.comes_to_see(3, 3)
    dan = await process.arrives("half lost", "dan")
    await killed.arrives("half lost", "dan")
    await dan.comes_to_see(1, 2)
    _kill(killed)
    return [ann, dan]


async def all_lost(process: Process, killed: Process) -> list[Resident]:
    """All who are in a room are connected to a process that is killed as soon as they are in."""
    for user in ("ann", "bob"):
        await killed.arrives("all lost", user)
    _kill(killed)
    return []


def _kill(process: Process) -> None:
    process.visitor.timeline.note("process", "drops", "kill -9")
    process.visitor.server.stop()


def away(outage: Outage) -> Callable[..., Awaitable[list[Resident]]]:
    """Return a scene in which Redis is away for longer than anybody's presence lasts."""

    async def begin(process: Process, other: Process) -> list[Resident]:
        people = [await process.arrives("away", "ann"), await other.arrives("away", "bob")]
        await asyncio.to_thread(outage.begins)
        await asyncio.sleep(SOON)  # in which each of them would have been renewed
        await asyncio.to_thread(outage.ends)
        return people

    return begin


def emptied(outage: Outage) -> Callable[..., Awaitable[list[Resident]]]:
    """Return a scene in which Redis is emptied."""

    async def begin(process: Process, other: Process) -> list[Resident]:
        ann = await process.arrives("emptied", "ann")
        bob, eve = [await other.arrives("emptied", user) for user in ("bob", "eve")]
        # Much has happened by then: what begins anew at nothing is behind what was shown.
        # In rooms of their own, since in a full one everybody is shown everybody.
        rooms = [f"emptied {number}" for number in range(GUESTS // 4)]
        guests = await asyncio.gather(*(process.join(room, "dan") for room in rooms * 4))
        for guest in guests:
            await guest.leave()
        await ann.comes_to_see(3, 3)
        # Whoever goes in that moment has to be missing all the same.
        eve.drop()
        outage.empties()
        return [ann, bob]

    return begin
