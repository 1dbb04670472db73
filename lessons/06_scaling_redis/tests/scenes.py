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
#: The same where people talk, and many come and go: on a busy machine that takes its time.
TALKING = 3
#: Seconds: longer than redis-py 8 waits for a Redis that has nothing to say, and four times that.
LONG = 8
#: The same on the servers of the scenes with a killed process: whoever grants somebody three times as
#: long, rather than twice, is found out by a busy machine too.
LATER = 6
#: Seconds: what the agreement grants, counted from when a process is killed, and one for a busy machine.
GRANTED = 2 * LATER + 1
#: How often somebody comes and goes, twenty times a second at most.
MOMENTS = 24
#: Messages that fill whatever lies between a server and who reads nothing, and more than a mailbox holds
#: by default. They are nearly the six megabytes that may wait for somebody.
MUCH = [f"{n} ".ljust(20_000, "x") for n in range(290)]
#: How many tabs come and go before Redis is emptied, and how many of them at a time.
GUESTS, AT_ONCE = 80, 20


class Scene:
    """What some people do in a room of their own while the other checks run, and its story.

    `begin` is given the processes, one for each server, and returns the people. Then nothing is done
    for so many `seconds`. `look` is given the same as `begin`, and performed as soon as these are over.
    `patience`, in seconds too, is what those who look on have.
    """

    def __init__(
        self,
        begin: Callable[..., Awaitable[list[Resident]]],
        *servers: ProjectServer,
        seconds: float,
        look: Callable[..., Awaitable[object]] | None = None,
        timeline: Timeline | None = None,
        patience: float = LONG,
    ) -> None:
        self.timeline = timeline or Timeline()
        self.server = servers[0]
        self._clients = [Client(s, self.timeline, patience=Patience(patience)) for s in servers]
        self._begin = begin
        self._seconds = seconds
        self._look = look
        self._begun: asyncio.Task[list[Any]] | None = None

    def start(self, accounts: Accounts) -> None:
        """Begin, in the background."""
        processes = [Process(client, accounts) for client in self._clients]
        self._begun = asyncio.create_task(self._play(processes))

    async def _play(self, processes: list[Process]) -> list[Any]:
        people = await self._begin(*processes)
        await asyncio.sleep(self._seconds)  # the one hold of all checks
        if self._look is not None:
            await self._look(*processes)
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
    """Two people say nothing; another one only listens. One of them has closed an earlier tab."""
    earlier = await process.arrives("idle", "ann", "ann, earlier tab")
    people = [await process.arrives("idle", user) for user in ("ann", "bob")]
    people.append(await process.join("idle", "eve"))
    await people[0].comes_to_see(3, 4)
    await earlier.leave()  # the last that happens there
    return people


async def deserted(process: Process, other: Process) -> list[Resident]:
    """Two people say nothing on a process that was left by all before they came."""
    onlooker = await other.arrives("deserted", "dan")
    first = await process.arrives("deserted", "ann")
    await onlooker.comes_to_see(2, 2)
    await first.leave()
    await onlooker.comes_to_see(1, 1)
    await asyncio.sleep(SOON)  # no wait for anything: as long as that nobody is there
    return [await process.arrives("deserted", user) for user in ("ann", "bob")]


async def talking(process: Process) -> list[Resident]:
    """One of two people says something again and again, for longer than it takes to expire."""
    ann, bob = [await process.arrives("talking", user) for user in ("ann", "bob")]
    loop = asyncio.get_running_loop()
    end = loop.time() + 2 * TALKING
    while loop.time() < end:
        await ann.says_and_hears("and another thing")
        await asyncio.sleep(TALKING / 20)  # no wait for anything: it is how often people speak
    return [ann, bob]


async def moments(process: Process) -> list[Resident]:
    """Somebody comes and goes in each moment of a second: what tells counts apart is right in all."""
    ann = await process.arrives("moments", "ann")
    for _each in range(MOMENTS):
        await asyncio.sleep(1 / 20)  # no wait for anything: it is how often somebody comes
        bob = await process.arrives("moments", "bob")
        await ann.heard("bob is here")
        ann.shows(2, 2)
        await bob.leave()
        await ann.comes_to_see(1, 1)
    return [ann]


async def slow(process: Process, other: Process) -> list[Resident]:
    """Two people read nothing while somebody says nearly as much as may wait for them."""
    ann = await process.arrives("slow", "ann")
    bob, eve = [await other.arrives("slow", user) for user in ("bob", "eve")]
    for person in (ann, bob):
        await person.heard("eve is here")
    for person in (bob, eve):
        person.connection.hold()
    for text in MUCH:
        await ann.says_and_hears(text)
    return [bob, eve]


async def left(process: Process) -> list[Resident]:
    """All leave but one, each in another moment of a heartbeat; `counts` of that one begins before."""
    bob, ann, eve = [await process.arrives("left", user) for user in ("bob", "ann", "eve")]
    guests = [await process.arrives("left", "dan", f"dan, tab {n + 1}") for n in range(GUESTS // 8)]
    await ann.comes_to_see(4, 3 + len(guests))
    del ann.counts[:-1]
    for guest in reversed(guests):
        await guest.leave()
        await asyncio.sleep(TALKING / 2 / len(guests))  # no wait for anything: over one heartbeat
    await bob.leave()
    eve.drop()
    await ann.comes_to_see(1, 1)
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


async def is_without_them(room: str, people: int, process: Process, _killed: Process) -> None:
    """Raise Mismatch unless a newcomer is shown so many `people`, one tab each, and nobody killed."""
    newcomer = await process.join(room, "dan", "a newcomer")
    await newcomer.says_and_hears("who is here?")
    newcomer.shows(people, people)


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
        # Much has happened by then, in this room too: what begins anew at nothing, be it in each room
        # or for all, is far behind what was shown, however often hearts beat until somebody looks.
        for _round in range(GUESTS // AT_ONCE):
            guests = await asyncio.gather(
                *(process.join("emptied", "dan", f"dan {n + 1}") for n in range(AT_ONCE))
            )
            await ann.comes_to_see(4, 3 + AT_ONCE)
            for guest in guests:
                await guest.leave()
            await ann.comes_to_see(3, 3)
        # Whoever goes in that moment has to be missing all the same.
        eve.drop()
        outage.empties()
        # No count like this one was shown before.
        guests = [await each.join("emptied", "dan", "dan, since") for each in (process, other)]
        for person in (ann, bob):
            await person.comes_to_see(3, 4)
        for guest in guests:
            await guest.leave()
        return [ann, bob]

    return begin
