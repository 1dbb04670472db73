"""The counter of lessons 04 to 06 as its clients know it: people who watch who is here."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

import redis.asyncio

from .. import language
from ..judging.client import Client, Connection, Silence
from ..judging.mismatch import Mismatch
from ..language import message
from .chat import Error, Frame, Message, Person, read_frame, read_object, room_path

_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Count:
    """A frame `{"type": "online_count", "count": people, "tabs": tabs}`."""

    people: int
    tabs: int

    def __str__(self) -> str:
        return json.dumps({"type": "online_count", "count": self.people, "tabs": self.tabs})


def read_count(frame: str | bytes) -> Count | None:
    """Return the count in a frame; None for a frame of another type. Raises Mismatch."""
    content = read_object(frame)
    if content is None or content.get("type") != "online_count":
        return None
    people, tabs = content.get("count"), content.get("tabs")
    if type(people) is not int or type(tabs) is not int:  # `true` is an int in Python
        raise Mismatch('"count": 1, "tabs": 1', str(frame)[:100])
    return Count(people, tabs)


class Watcher(Person):
    """Somebody with one tab open, who keeps all counts that came, in `counts`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.counts: list[Count] = []

    async def next(self, expected: Frame) -> Frame:
        """Return the next frame that is no count; `expected` is what should come."""
        while True:
            frame = await self._read(self.receives(expected))
            if frame is not None:
                return frame

    async def heard(self, text: str) -> None:
        """Wait until that message comes; whatever else was said before is passed over."""
        while (frame := await self.next(Message(text))) != Message(text):
            self.refuse_error(frame, Message(text))

    async def says_and_hears(self, text: str) -> None:
        """Say it, and wait until it is back: all that came before has been read then."""
        await self.say(text)
        await self.heard(text)

    def shows(self, people: int, tabs: int) -> None:
        """Raise Mismatch unless that is the newest count that was read."""
        expected = Count(people, tabs)
        newest = self.counts[-1] if self.counts else message("nothing")
        if newest != expected:
            raise Mismatch(self.receives(expected), self.receives(newest))

    async def comes_to_see(self, people: int, tabs: int) -> None:
        """Wait until that is the newest count: for what the server need not know immediately."""
        expected = Count(people, tabs)
        try:
            while not self.counts or self.counts[-1] != expected:
                self.refuse_error(await self._read(self.receives(expected)), expected)
        except Silence:
            self.shows(people, tabs)  # which says what came instead

    def never_goes(self, down: bool) -> None:
        """Raise Mismatch where the numbers of people went down (else: up) from count to count."""
        for before, after in zip(self.counts, self.counts[1:], strict=False):
            if after.people < before.people if down else after.people > before.people:
                expected = (
                    message("the number of people shown to {who} never goes down", who=self.who)
                    if down
                    else message("the number of people shown to {who} never goes up", who=self.who)
                )
                actual = message(
                    "{who} receives {before}, then {after}",
                    who=self.who,
                    before=str(before),
                    after=str(after),
                )
                raise Mismatch(expected, actual)

    def refuse_error(self, frame: object, expected: object) -> None:
        """Raise Mismatch where `frame` is an error."""
        if isinstance(frame, Error):
            raise Mismatch(self.receives(expected), self.receives(frame))

    async def _read(self, expected: language.Message) -> Frame | None:
        """Return the next frame, None for a count, which is kept."""
        return self._take(await self.connection.receive(expected))

    def _take(self, frame: str | bytes) -> Frame | None:
        if (count := read_count(frame)) is None:
            return read_frame(frame)
        if not 0 <= count.people <= count.tabs:
            raise Mismatch("0 <= count <= tabs", self.receives(count))
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
        """Have so many people join at the same time; return when all their joins are complete."""
        people = await _together(number, lambda n: self.join(room, f"person {n + 1}"))
        await _together(number, lambda n: people[n].settle())
        return people

    async def leave(self) -> None:
        """Close all browsers."""
        for browser in self._browsers:
            await browser.leave()


async def _watch(client: Client, room: str, who: str, **options: object) -> Watcher:
    return Watcher(await client.connect(room_path(room), who=who, **options))  # type: ignore[arg-type]


async def _together(number: int, one: Callable[[int], Awaitable[_Made]]) -> list[_Made]:
    """Return what `one` came to for each number, all begun before any is waited for."""
    return await asyncio.gather(*(one(n) for n in range(number)))


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
