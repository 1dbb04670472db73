"""A class as one worker serves it: the ledger on disk, what it adds up to, and who is connected here.

Workers share nothing but the ledger; what they tell each other over the channel layer is only that
there is something new in it. A word that is lost there costs a few seconds.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from .course import Course
from .ledger import Ledger, OutOfOrder
from .limits import (
    MOST_CONNECTIONS,
    MOST_KNOCKING,
    MOST_OF_ONE,
    MOST_PAGES,
    Clock,
    WrongCodes,
)
from .messages import Done, Report, Wishes
from .seats import Seats

#: Every open page of the board is a member of this group.
BOARDS = "boards"
#: Names of the codes: what an instructor shows, and what a newcomer does.
INSTRUCTOR, CLASS = "instructor", "class"

#: Seconds for which a connection is believed to be there, and after which that is renewed.
_BELIEVED, _RENEWED = 25.0, 10.0

#: What the channel layer raises while its Redis is gone.
NO_REDIS = (OSError, RedisError)

_Found = TypeVar("_Found")


def group_of(learner: int) -> str:
    """Return the group of the connections of a learner."""
    return f"learner.{learner}"


def watchers_of(learner: int) -> str:
    """Return the group of the pages that look at a learner."""
    return f"watchers.{learner}"


class Board:
    """The class in `ledger`. Enter it as a context manager, in the event loop.

    `seats` and `present`, the numbers of those who are connected anywhere, are as of the last `look`.
    `address`, a host and a port, is where learners find it. `clock` gives seconds since 1970, `watch`
    seconds of anything: it measures how often.
    """

    def __init__(
        self,
        ledger: Ledger,
        course: Course,
        address: str,
        clock: Clock = time.time,
        watch: Clock = time.monotonic,
    ) -> None:
        self.course, self.address, self.clock, self.watch = course, address, clock, watch
        self.class_id = ledger.class_id
        self.code, self.access = ledger.code(CLASS), ledger.code(INSTRUCTOR)
        self.seats = Seats()
        self.present: set[int] = set()
        self.wrong_codes = WrongCodes(watch)
        self.connections: dict[str, int] = {}
        self._knocking: dict[str, Callable[[], Awaitable[None]]] = {}
        self.pages = 0
        self._ledger = ledger
        self._disk = ThreadPoolExecutor(1, "ledger")
        self._looking = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Board":
        self._renewing = asyncio.create_task(self._renew())
        return self

    async def __aexit__(self, *exception: object) -> None:
        assert self._renewing
        self._renewing.cancel()
        await asyncio.to_thread(self._disk.shutdown)
        self._ledger.close()

    # ---- Doors.

    async def knock(self, connection: str, refuse: Callable[[], Awaitable[None]]) -> None:
        """Somebody has connected, and has not said who they are.

        Of too many, whoever has been silent for longest is refused: a stranger who opens connections
        and says nothing keeps nobody out.
        """
        self._knocking[connection] = refuse
        if len(self._knocking) > MOST_KNOCKING:
            oldest = next(iter(self._knocking))
            await self._knocking.pop(oldest)()

    def knocks_no_more(self, connection: str) -> None:
        """They have said who they are, or are gone."""
        self._knocking.pop(connection, None)

    def lets_in(self, learner: int) -> bool:
        """Whether a learner may have one more connection."""
        own = list(self.connections.values()).count(learner)
        return own < MOST_OF_ONE and len(self.connections) < MOST_CONNECTIONS

    @property
    def lets_look(self) -> bool:
        """Whether one more page of the board may be open."""
        return self.pages < MOST_PAGES

    # ---- The ledger, which is a file: never in the event loop.

    async def on_disk(self, do: Callable[[Ledger], _Found]) -> _Found:
        """Return what `do` makes of the ledger, one after the other."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, do, self._ledger)

    async def take(self, learner: int, reports: list[Report]) -> int | None:
        """Keep reports; return the number up to which all are on disk, None where one is missing.

        Raises Full.
        """
        try:
            number = await self.on_disk(lambda ledger: ledger.take(learner, reports))
        except OutOfOrder:
            return None
        await self.announce()
        return number

    async def do(self, learner: int, what: Done) -> None:
        """Keep what whoever teaches has done, and tell the learner."""
        now = self.clock()
        await self.on_disk(lambda ledger: ledger.do(learner, what, now))
        await self.tell(group_of(learner), {"type": "wishes.changed"})
        await self.announce()

    async def look(self) -> None:
        """Take in what has happened since the last look."""
        async with self._looking:
            now, last = self.clock(), self.seats.last

            def read(ledger: Ledger) -> Any:
                # Learners after events: whoever has an event has joined before.
                events = list(ledger.events(last))
                return events, ledger.learners(), ledger.presences(now)

            events, learners, self.present = await self.on_disk(read)
            self.seats.admit(learners)
            for event in events:
                self.seats.add(event)

    async def wishes(self, learner: int) -> Wishes:
        """Return what is wanted of a learner now."""
        await self.look()
        seat = self.seats.by_learner[learner]
        return Wishes(help=seat.asked_at is not None, lowered=seat.lowered)

    # ---- Who is connected.

    async def enter(self, connection: str, learner: int) -> None:
        """A learner has connected to this worker."""
        self.connections[connection] = learner
        until = self.clock() + _BELIEVED
        await self.on_disk(lambda ledger: ledger.present(connection, learner, until))
        await self.announce()

    async def leave(self, connection: str) -> None:
        """A learner's connection to this worker is no more."""
        if self.connections.pop(connection, None) is not None:
            await self.on_disk(lambda ledger: ledger.gone(connection))
            await self.announce()

    async def _renew(self) -> None:
        """Say again and again who is here: of a worker that is killed, that is soon believed no more."""
        while True:
            await asyncio.sleep(_RENEWED)
            connections, until = list(self.connections), self.clock() + _BELIEVED
            await self.on_disk(partial(Ledger.renew, connections=connections, until=until))

    async def announce(self) -> None:
        """Let every open page of the board, at whichever worker, know that there is something new."""
        await self.tell(BOARDS, {"type": "board.changed"})

    async def tell(self, group: str, event: dict[str, Any]) -> None:
        """Send an event to a group. While Redis is gone it is lost, and costs no more than that."""
        with suppress(*NO_REDIS):
            await get_channel_layer().group_send(group, event)
