"""Visitors who come to a server at the same time, and a heart that shows whether it serves others."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from ..errors import WorkshopError
from ..language import message
from .projects import Server

T = TypeVar("T")

#: The heart asks again so many seconds after each answer.
BETWEEN_BEATS = 0.05
#: A beat that waits longer for its answer has met a loop that stood still.
STALL = 0.3

#: A visitor's patience.
_TIMEOUT = 60.0


@dataclass(frozen=True)
class Visit:
    """One request; `began` and `ended` are seconds since the first of all visits began."""

    path: str
    began: float
    ended: float
    status: int
    text: str

    @property
    def seconds(self) -> float:
        """How long the visitor waited."""
        return self.ended - self.began


@dataclass(frozen=True)
class Visits:
    """What came of several visits at the same time; `beats` are those of the heart, if it beat."""

    visits: list[Visit]
    beats: list[Visit]

    @property
    def seconds(self) -> float:
        """When the last visitor had the answer."""
        return max(visit.ended for visit in self.visits)

    @property
    def stalls(self) -> list[Visit]:
        """The beats that waited: the loop served nobody meanwhile."""
        return [beat for beat in self.beats if beat.seconds > STALL]

    @property
    def stalled(self) -> float:
        """How many seconds the heart stood still, all stalls together."""
        return sum(beat.seconds for beat in self.stalls)


def reckoned_visits(waits: Sequence[float]) -> Visits:
    """Return visits that nobody made: all begin at once, and each waits as many seconds as reckoned."""
    return Visits([Visit("", 0, seconds, 200, "") for seconds in waits], [])


@dataclass(frozen=True)
class Arrival:
    """A piece of an answer, and the seconds after which it was there."""

    seconds: float
    text: str


async def visit(
    server: Server, path: str | Sequence[str], times: int = 1, *, heart: bool = True
) -> Visits:
    """Send all requests at once: `times` requests to `path`, or to each of several paths.

    The heart, unless told not to, asks for `/ping/` all the while. It has been answered once before
    the visitors come. Raises WorkshopError where the server has ended.
    """
    if not server.is_running:
        raise WorkshopError(
            message("This server has ended."), message("Run the cell that starts it again.")
        )
    paths = [path] * times if isinstance(path, str) else [one for one in path for _ in range(times)]
    return await _beside_the_kernel(_visit_all(server.origin, paths, heart))


async def _beside_the_kernel(measured: Coroutine[Any, Any, T]) -> T:
    """Run a measurement in a loop of its own: the kernel's has other things to do, which cost time."""
    return await asyncio.to_thread(asyncio.run, measured)


async def _visit_all(origin: str, paths: Sequence[str], heart: bool) -> Visits:
    async with _client(origin) as client:
        beats: list[Visit] = []
        if heart:
            await client.get("/ping/")
        began = time.perf_counter()
        all_answered = asyncio.Event()
        beating = asyncio.create_task(_beat(client, began, beats, all_answered)) if heart else None
        visits = await asyncio.gather(*(_visit(client, one, began) for one in paths))
        all_answered.set()
        if beating:
            await beating
    return Visits(visits, beats)


def _client(origin: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None)
    # A proxy knows nothing of this machine's own addresses.
    return httpx.AsyncClient(base_url=origin, timeout=_TIMEOUT, limits=limits, trust_env=False)


async def arrivals(server: Server, path: str) -> list[Arrival]:
    """Return the pieces of one streamed answer, as they arrive."""
    return await _beside_the_kernel(_arrivals(server.origin, path))


async def _arrivals(origin: str, path: str) -> list[Arrival]:
    async with _client(origin) as client:
        began = time.perf_counter()
        async with client.stream("GET", path) as answer:
            return [
                Arrival(time.perf_counter() - began, text) async for text in answer.aiter_text()
            ]


async def _visit(client: httpx.AsyncClient, path: str, began: float) -> Visit:
    at = time.perf_counter() - began
    answer = await client.get(path)
    return Visit(path, at, time.perf_counter() - began, answer.status_code, answer.text)


async def _beat(
    client: httpx.AsyncClient, began: float, beats: list[Visit], all_answered: asyncio.Event
) -> None:
    while not all_answered.is_set():
        beats.append(await _visit(client, "/ping/", began))
        await asyncio.sleep(BETWEEN_BEATS)
