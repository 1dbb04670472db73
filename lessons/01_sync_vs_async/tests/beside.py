"""Another process of the target, with an upstream of its own: away at first, then slow.

It is asked while other checks run, so its slowness costs no time.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx

from channels_workshop.judging.client import Client
from channels_workshop.judging.evidence import Evidence
from channels_workshop.judging.mismatch import (
    DoesNotStart,
    LogExcerpt,
    Mismatch,
    RanOut,
    agreed,
    given,
)
from channels_workshop.judging.patience import Patience
from channels_workshop.judging.rendezvous import Call, Rendezvous
from channels_workshop.judging.servers import Servers
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.children import FailedToStart
from channels_workshop.processes.project import ProjectServer
from questions import (
    IN_SHORT,
    TOPICS_OF,
    city_of,
    content_of,
    has_failed,
    in_time,
    is_part,
    is_text,
)

#: Seconds for which the agreement lets the upstream think.
THINKS = 3.0
#: Seconds after which a failure is no hasty one on a busy machine: the project may give up later
#: than it has to wait, so it is asked again, so often. After so many seconds a failure tells nothing.
AT_ONCE, _TIMES, MAY_GIVE_UP = THINKS + 0.3, 3, 5.0


class Asked:
    """A request to that process, with a story and a part of the log of its own."""

    def __init__(self, server: ProjectServer, path: str, city: str, patience: Patience) -> None:
        self.path, self.city = path, city
        self.timeline = Timeline()
        #: Seconds until it was answered.
        self.seconds = 0.0
        self.answer = asyncio.create_task(self._ask(server, patience))

    async def _ask(self, server: ProjectServer, patience: Patience) -> httpx.Response | Mismatch:
        begin = server.log_size()
        client = Client(server, self.timeline)
        self.timeline.note(client.who, "sends", f"GET {self.path}?city={self.city}")
        asking = client.get(self.path, params={"city": self.city}, headers=IN_SHORT)
        asked_at = time.monotonic()
        try:
            return await in_time(asking, patience)
        except Mismatch as silence:
            return silence
        finally:
            self.seconds = time.monotonic() - asked_at
            self.log = LogExcerpt(server.log_since(begin), server.project)
            await client.leave()


class Beside:
    """The process, once it has begun."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._upstream = Rendezvous(there=False, answers=_said, thinks=THINKS)
        self._unreachable: dict[str, Asked] = {}
        self._slow: dict[str, Asked] = {}
        self._beginning: asyncio.Task[DoesNotStart | None] | None = None

    def begin(self) -> None:
        """Start the process and ask it, in the background."""
        self._beginning = asyncio.create_task(self._begin())

    async def _begin(self) -> DoesNotStart | None:
        address = {"UPSTREAM_URL": self._upstream.url}
        try:
            start = self._servers.alongside
            server = await asyncio.to_thread(start, "beside", environment=address)
        except FailedToStart as failed:
            return DoesNotStart(failed.printed, self._servers.project)
        for path in TOPICS_OF:
            # One by one: so it is known whose traceback stands in the log.
            asked = self._unreachable[path] = Asked(server, path, "Ys", Patience())
            await asyncio.wait({asked.answer})
        self._upstream.come()
        patience = Patience()
        patience.seconds += THINKS
        self._slow_one = partial(Asked, server, patience=patience)
        self._slow = {path: self._slow_one(path, f"Oz{path}") for path in TOPICS_OF}
        return None

    async def end(self) -> None:
        """Wait for nothing more."""
        if self._beginning:
            self._beginning.cancel()
            await asyncio.wait({self._beginning})
        for asked in [*self._unreachable.values(), *self._slow.values()]:
            asked.answer.cancel()
            await asyncio.wait({asked.answer})
        self._upstream.close()

    async def finds_nobody(self, path: str, evidence: Evidence) -> None:
        """Raise Mismatch unless `path`, with no upstream there, has answered that its calls failed."""
        await self._has_begun()
        asked = self._unreachable[path]
        with _told(asked, evidence), given(f"{UPSTREAM}: —"):
            has_failed(path, await _answer(asked, "E1"))

    async def waits_for_the_slow(self, path: str, evidence: Evidence) -> None:
        """Raise Mismatch unless `path` has waited for an upstream that thinks for long."""
        await self._has_begun()
        for number in range(_TIMES):
            asked = self._slow[path]
            with _told(asked, evidence), given(f"{UPSTREAM}: {THINKS:g} s"), agreed("U4"):
                try:
                    return await _has_waited(asked)
                except RanOut:
                    raise
                except Mismatch:
                    if asked.seconds < (AT_ONCE if number < _TIMES - 1 else MAY_GIVE_UP):
                        raise
            self._slow[path] = self._slow_one(path, f"Oz{path}{number}")
        return None

    async def _has_begun(self) -> None:
        assert self._beginning
        failed = await self._beginning
        if failed:
            raise failed


async def _has_waited(asked: Asked) -> None:
    """Raise Mismatch unless a request has the answers of the slow upstream."""
    topics, sentence = TOPICS_OF[asked.path]
    content = content_of(asked.path, await _answer(asked, sentence), "U4")
    if len(topics) == 1:
        is_text(asked.path, _text(topics[0], asked.city), content)
    else:
        for topic in topics:
            is_part(asked.path, topic, _text(topic, asked.city), content, "U4")


UPSTREAM = "upstream"


def _said(call: Call) -> dict[str, str]:
    return {"text": _text(call.path.strip("/"), city_of(call))}


def _text(topic: str, city: str | None) -> str:
    return f"{topic} in {city}, after long thought"


async def _answer(asked: Asked, sentence: str) -> httpx.Response:
    answer = await asked.answer
    if isinstance(answer, Mismatch):
        with agreed(sentence):
            raise answer
    return answer


@contextmanager
def _told(asked: Asked, evidence: Evidence) -> Iterator[None]:
    """Let `evidence`, and a Mismatch raised within, have the request's own story and log."""
    evidence.timeline = asked.timeline
    try:
        yield
    except Mismatch as mismatch:
        mismatch.log = asked.log
        raise
