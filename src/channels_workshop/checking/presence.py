"""The counter of lessons 04 to 06 as its clients know it: people who watch who is here."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

import redis.asyncio

from ..language import _
from .agreement import Departure
from .chat import Error, Frame, Message, Person, read_frame, read_object
from .client import Client, Connection, Silence

_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Count:
    """A frame `{"type": "online_count", "count": people, "tabs": tabs}`."""

    people: int
    tabs: int

    def __str__(self) -> str:
        return json.dumps({"type": "online_count", "count": self.people, "tabs": self.tabs})


class Watcher(Person):
    """Somebody with one tab open, who keeps all counts that came, in `counts`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.counts: list[Count] = []

    async def next(self, agreed: Frame) -> Frame:
        """Return the next frame that is no count; `agreed` is what should come."""
        while True:
            frame = await self._read(_receives(self, agreed))
            if frame is not None:
                return frame

    async def heard(self, text: str) -> None:
        """Wait until that message comes; whatever else was said before is passed over."""
        while (frame := await self.next(Message(text))) != Message(text):
            _refuse_errors(self, frame, Message(text))

    async def says_and_hears(self, text: str) -> None:
        """Say it, and wait until it is back: all that came before has been read then."""
        await self.say(text)
        await self.heard(text)

    def shows(self, people: int, tabs: int) -> None:
        """Raise Departure unless that is the newest count that was read."""
        agreed = Count(people, tabs)
        newest = self.counts[-1] if self.counts else _("nothing")
        if newest != agreed:
            raise Departure(_receives(self, agreed), _receives(self, newest))

    async def comes_to_see(self, people: int, tabs: int) -> None:
        """Wait until that is the newest count: for what the server need not know at once."""
        agreed = Count(people, tabs)
        try:
            while not self.counts or self.counts[-1] != agreed:
                _refuse_errors(self, await self._read(_receives(self, agreed)), agreed)
        except Silence:
            self.shows(people, tabs)  # which tells what came instead

    def never_goes(self, down: bool) -> None:
        """Raise Departure where the numbers of people went down (else: up) from count to count."""
        for before, after in zip(self.counts, self.counts[1:], strict=False):
            stale = after.people < before.people if down else after.people > before.people
            if stale:
                agreed, happened = f"{before}, {before}", f"{before}, {after}"
                raise Departure(_receives(self, agreed), _receives(self, happened))

    async def _read(self, agreed: str) -> Frame | None:
        """Return the next frame, None for a count, which is kept."""
        return self._take(await self.connection.receive(agreed))

    def _take(self, frame: str | bytes) -> Frame | None:
        if (count := read_count(frame)) is None:
            return read_frame(frame)
        if not 0 <= count.people <= count.tabs:
            raise Departure("0 <= count <= tabs", _receives(self, count))
        self.counts.append(count)
        return None


class Crowd:
    """The people before one server: each has a browser, or no cookies at all."""

    def __init__(self, visitor: Client) -> None:
        self._visitor = visitor
        self._browsers: list[Client] = []

    async def browser(self, who: str, room: str) -> Client:
        """Return a browser of its own that has opened the page of `room`, as anybody would."""
        browser = self._visitor.another(who)
        self._browsers.append(browser)
        await browser.get(f"/chat/{quote(room, safe='')}/")
        return browser

    async def tab(self, browser: Client, room: str, who: str | None = None) -> Watcher:
        """Open one more tab of `browser` on `room`; return once the handshake is accepted."""
        return await _watch(browser, room, who or browser.who)

    async def join(self, room: str, who: str, **options: object) -> Watcher:
        """Open `room` without a cookie, as a program does; the options are those of `connect`."""
        return await _watch(self._visitor, room, who, **options)

    async def at_once(self, number: int, room: str) -> list[Watcher]:
        """Have so many people join at once; return when all their joins have been worked off."""
        people = await _together(number, lambda n: self.join(room, f"person {n + 1}"))
        await _together(number, lambda n: people[n].settle())
        return people

    async def leave(self) -> None:
        """Close all browsers."""
        for browser in self._browsers:
            await browser.leave()


async def _watch(client: Client, room: str, who: str, **options: object) -> Watcher:
    path = f"/ws/chat/{quote(room, safe='')}/"
    return Watcher(await client.connect(path, who=who, **options))  # type: ignore[arg-type]


async def _together(number: int, one: Callable[[int], Awaitable[_Made]]) -> list[_Made]:
    """Return what `one` came to for each number, all begun before any is waited for."""
    return await asyncio.gather(*(one(n) for n in range(number)))


def read_count(frame: str | bytes) -> Count | None:
    """Return the count in a frame; None for a frame of another type. Raises Departure."""
    content = read_object(frame)
    if content is None or content.get("type") != "online_count":
        return None
    people, tabs = content.get("count"), content.get("tabs")
    if type(people) is not int or type(tabs) is not int:  # `true` is an int in Python
        raise Departure('"count": 1, "tabs": 1', str(frame)[:100])
    return Count(people, tabs)


def _refuse_errors(watcher: Watcher, frame: Frame | None, agreed: object) -> None:
    if isinstance(frame, Error):
        raise Departure(_receives(watcher, agreed), _receives(watcher, frame))


def _receives(watcher: Watcher, what: object) -> str:
    return _("{who} receives {frame}", who=watcher.connection.who, frame=what)


class Mailboxes:
    """The mailboxes of the observed server's consumers, in the Redis that its layer uses."""

    def __init__(self, redis_url: str) -> None:
        from channels_redis.core import RedisChannelLayer

        self._redis = redis.asyncio.Redis.from_url(redis_url, decode_responses=True)
        self._layer = RedisChannelLayer(hosts=[{"address": redis_url, "socket_timeout": None}])

    async def addresses(self) -> set[str]:
        """Return the channels that are in any group."""
        keys = [key async for key in self._redis.scan_iter("asgi:group:*")]
        return {str(address) for key in keys for address in await self._redis.zrange(key, 0, -1)}

    async def break_consumer(self, address: str) -> None:
        """Send an event that no consumer has a handler for: Channels raises in the consumer."""
        await self._layer.send(address, {"type": "no.such.handler"})

    async def close(self) -> None:
        """Let the connections to Redis go."""
        await self._layer.close_pools()
        await self._redis.aclose()
