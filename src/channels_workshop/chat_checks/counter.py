"""The counter of lessons 04 to 06 as its clients know it: people who watch who is here."""

import base64
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from ..judging.client import Client, Closed, Connection, Refused, Silence, open_stream
from ..judging.mismatch import Mismatch, agreed
from ..judging.some import Some
from ..judging.timeline import shortened
from ..language import message
from ..processes.project import ProjectServer
from .chat import (
    Error,
    Frame,
    Garbled,
    Message,
    Person,
    all_frames,
    page_path,
    read_object,
    room_path,
    together,
)


@dataclass(frozen=True)
class Count:
    """A frame `{"type": "online_count", "count": people, "tabs": tabs}`."""

    people: int
    tabs: int

    def __str__(self) -> str:
        return json.dumps({"type": "online_count", "count": self.people, "tabs": self.tabs})


def read_count(frame: str | bytes) -> Count | None:
    """Return the count in a frame; None where there is none as the agreement has it."""
    content = read_object(frame) if isinstance(frame, str) else None
    if content is None or content.keys() != {"type", "count", "tabs"}:
        return None
    people, tabs = content["count"], content["tabs"]
    if not isinstance(people, int) or not isinstance(tabs, int):
        return None
    # `true` is an int in Python.
    are_numbers = bool not in (type(people), type(tabs))
    return Count(people, tabs) if are_numbers and 0 <= people <= tabs else None


def _is_impossible(frame: str | bytes) -> bool:
    content = read_object(frame) or {}
    people, tabs = content.get("count"), content.get("tabs")
    return isinstance(people, int) and isinstance(tabs, int) and not 0 <= people <= tabs


def _is_of_that_type(frame: str | bytes) -> bool:
    return (read_object(frame) or {}).get("type") == "online_count"


#: How many are waited for together: see `few_at_a_time`.
_FEW = 16


class Watcher(Person):
    """Somebody with one tab open, who keeps all counts that came, in `counts`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.counts: list[Count] = []

    def read(self, frame: str | bytes) -> Frame | None:
        """Return what else the agreement sees in a frame; None for a count, which is kept."""
        if not _is_of_that_type(frame):
            return super().read(frame)
        count = read_count(frame)
        if _is_impossible(frame):
            with agreed("C1"):
                raise Mismatch(
                    message(
                        "{who} receives a count of no more people than tabs, from 0 up",
                        who=self.who,
                    ),
                    self.receives(shortened(str(frame))),
                )
        if count is None:
            with agreed("T6"):
                raise Mismatch(
                    message(
                        "{who} receives a count such as {count}",
                        who=self.who,
                        count=str(Count(1, 2)),
                    ),
                    self.receives(shortened(frame if isinstance(frame, str) else repr(frame))),
                )
        self.counts.append(count)
        return None

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
        expected = self.receives(Count(people, tabs))
        if not self.counts:
            with agreed("T6"):
                raise Mismatch(expected, message("{who} has received no count", who=self.who))
        if self.counts[-1] != Count(people, tabs):
            raise Mismatch(
                expected,
                message(
                    "the last count that {who} has received is {count}",
                    who=self.who,
                    count=str(self.counts[-1]),
                ),
            )

    async def comes_to_see(self, people: int, tabs: int) -> None:
        """Wait until that is the newest count: for what the server need not know immediately."""
        expected = Count(people, tabs)

        def read_on(frame: str | bytes) -> Count | None:
            self.refuse_error(self.read(frame), expected)
            return expected if self.counts[-1:] == [expected] else None

        if self.counts[-1:] == [expected]:
            return
        try:
            await self.connection.receive_first(read_on, self.receives(expected))
        except Silence:
            self.shows(people, tabs)  # which says what came instead

    def has_seen(self, *counts: tuple[int, int]) -> None:
        """Raise Mismatch where another count than these was read: nothing else was true."""
        known = [Count(*count) for count in counts]
        for count in self.counts:
            if count not in known:
                raise Mismatch(self.receives(all_frames(known)), self.receives(count))

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
        """Raise Mismatch where `frame` is an error, or nothing that the agreement knows."""
        if isinstance(frame, Error | Garbled):
            raise Mismatch(self.receives(expected), self.receives(frame))


class Crowd:
    """The people before one server: each has a browser, or no cookies at all."""

    def __init__(self, visitor: Client) -> None:
        self._visitor = visitor
        self._browsers: list[Client] = []
        self._cookies: dict[Client, dict[str, str]] = {}
        self._expire: dict[Client, list[float]] = {}

    async def browser(self, who: str, room: str, cookies: str = "") -> Client:
        """Return a browser of its own that has opened the page of `room`, as anybody would.

        `cookies` are what it has kept from another time.
        """
        browser = self._visitor.another(who)
        self._browsers.append(browser)
        await self.opens(browser, room, {"Cookie": cookies} if cookies else {})
        return browser

    async def opens(
        self, browser: Client, room: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Have a browser open the page of `room`."""
        response = await browser.get(page_path(room), headers=headers)
        self._cookies.setdefault(browser, {}).update(response.cookies)
        self._expire.setdefault(browser, []).extend(
            cookie.expires for cookie in response.cookies.jar if cookie.expires
        )

    def cookies(self, browser: Client) -> Mapping[str, str]:
        """Return the cookies that the pages have given to a browser."""
        return self._cookies[browser]

    def all_expire(self, browser: Client) -> float | None:
        """Return in how many seconds the last of them expires, None where none says when."""
        return max(self._expire[browser]) - time.time() if self._expire[browser] else None

    async def tab(self, browser: Client, room: str, who: str | None = None) -> Watcher:
        """Open one more tab of `browser` on `room`; return once the handshake is accepted."""
        return await _watch(browser, room, who or browser.who)

    def tab_of(self, browser: Client) -> "Join":
        """Return how one more tab of `browser` comes in."""
        return partial(self.tab, browser)

    def with_cookies(self, cookies: str) -> "Join":
        """Return how somebody comes in who sends those `cookies`."""
        return partial(self.join, headers={"Cookie": cookies})

    async def join(self, room: str, who: str, **options: object) -> Watcher:
        """Open `room` without a cookie, as a program does; the options are those of `connect`."""
        return await _watch(self._visitor, room, who, **options)

    async def join_by(self, path: str, room: str, who: str) -> Watcher:
        """Open `room` by `path`, which leads there as well."""
        return Watcher(await self._visitor.connect(path, who=who))

    async def at_once(self, number: int, room: str) -> list[Watcher]:
        """Have so many people join at the same time; return when all their joins are complete.

        A consumer handles one event after the other, so its answer to a bad frame comes after that;
        one that counts a tab later than it comes in may not have counted it. Nobody has said anything
        by then that others would hear.
        """
        people = await together(*(self.join(room, f"person {n + 1}") for n in range(number)))
        await together(*(is_answered(person) for person in people))
        return people

    @property
    def server(self) -> ProjectServer:
        """The server that they stand before."""
        return self._visitor.server

    async def leave(self) -> None:
        """Close all browsers."""
        for browser in self._browsers:
            await browser.leave()


async def _watch(client: Client, room: str, who: str, **options: object) -> Watcher:
    return Watcher(await client.connect(room_path(room), who=who, **options))  # type: ignore[arg-type]


#: Opens one more tab on a room, under a name; returns once the handshake is accepted.
Join = Callable[[str, str], Awaitable[Watcher]]


async def newcomer_sees(
    join: Join, some: Some, room: str, who: str, people: int, *, speaks: bool = True
) -> Watcher:
    """Have somebody join a room in which nothing else happens; so many, one tab each, are shown.

    Whoever `speaks` is shown it before its own word comes back.
    """
    newcomer = await join(room, who)
    if speaks:
        await newcomer.says_and_hears(some.text())
        newcomer.shows(people, people)
    else:
        await newcomer.comes_to_see(people, people)
    return newcomer


@dataclass
class _Guest:
    watcher: Watcher
    person: object
    #: Which count of the history was true when the tab began to come in.
    since: int


class Gathering:
    """The people in one room, by what was done so far, and so what each tab has to be shown.

    What is done, is done one after the other. `join` opens a tab; for somebody with several tabs,
    or a tab that is opened otherwise, `enters` takes more.
    """

    def __init__(self, room: str, join: Join, some: Some) -> None:
        self.room = room
        self._join = join
        self._some = some
        self._guests: list[_Guest] = []
        self._history = [Count(0, 0)]
        #: The place in it of the newest count that all have been shown: whoever came in since may not
        #: be counted yet.
        self._known = 0

    @property
    def now(self) -> Count:
        """The count as it is now."""
        return Count(len({guest.person for guest in self._guests}), len(self._guests))

    @property
    def watchers(self) -> list[Watcher]:
        """All who are here, in the order in which they came."""
        return [guest.watcher for guest in self._guests]

    async def enters(self, who: str, person: object = None, join: Join | None = None) -> Watcher:
        """Have one more tab come in, that of `person` (else of nobody who is here)."""
        since = self._known
        watcher = await (join or self._join)(self.room, who)
        self._guests.append(_Guest(watcher, who if person is None else person, since))
        self._history.append(self.now)
        return watcher

    async def enter_at_once(self, *guests: tuple[str, object, Join]) -> list[Watcher]:
        """Have several tabs come in together, each under a name, that of a person, by a join.

        Returns when all have been shown so. What they were shown meanwhile is not looked at.
        """
        watchers = await together(*(join(self.room, who) for who, _person, join in guests))
        for watcher, (who, person, _join) in zip(watchers, guests, strict=True):
            self._guests.append(_Guest(watcher, who if person is None else person, 0))
        await self.settle()
        return watchers

    async def settle(self) -> None:
        """Wait until all have been shown the count; what they were shown meanwhile is not looked at."""
        await together(*(self._comes_to_see(guest) for guest in self._guests))
        self._history, self._known = [self.now], 0
        for guest in self._guests:
            guest.since = 0
            del guest.watcher.counts[:-1]

    async def _comes_to_see(self, guest: _Guest) -> None:
        await guest.watcher.comes_to_see(self.now.people, self.now.tabs)

    async def all_hear(self, speaker: Watcher) -> None:
        """Have one say something; raise Mismatch unless all hear it."""
        text = self._some.text()
        await speaker.say(text)
        # The speaker first: where the words are lost, one wait shows it.
        for watcher in sorted(self.watchers, key=lambda watcher: watcher is not speaker):
            await watcher.hears(text)

    async def all_know(self, speaker: Watcher | None = None) -> None:
        """Raise Mismatch unless all have been shown the count before the next word of `speaker`.

        Without a speaker it is the last who came in.
        """
        await self.all_hear(speaker or self.watchers[-1])
        for watcher in self.watchers:
            watcher.shows(self.now.people, self.now.tabs)
        self.only_truths()
        self._known = len(self._history) - 1

    async def all_come_to_see(self) -> None:
        """Wait until all have been shown the count."""
        await together(*(self._comes_to_see(guest) for guest in self._guests))
        self.only_truths()
        self._known = len(self._history) - 1

    async def goes(self, watcher: Watcher, how: Callable[[], Awaitable[None] | None]) -> None:
        """Have a tab go, by `how`; wait until all who stay have been shown so."""
        self.is_without(watcher)
        going = how()
        if going is not None:
            await going
        await self.all_come_to_see()

    def is_without(self, watcher: Watcher) -> None:
        """Note that a tab is gone, though nobody may have been shown so."""
        self._guests = [guest for guest in self._guests if guest.watcher is not watcher]
        self._history.append(self.now)

    def only_truths(self) -> None:
        """Raise Mismatch unless all that was shown was true, and in the order in which it was."""
        for guest in self._guests:
            true, at = self._history[guest.since :], 0
            for count in guest.watcher.counts:
                if count not in true[at:]:
                    raise Mismatch(
                        message(
                            "{who} is shown what is true: {counts}",
                            who=guest.watcher.who,
                            counts=all_frames(dict.fromkeys(map(str, true))),
                        ),
                        message(
                            "{who} is shown {counts}",
                            who=guest.watcher.who,
                            counts=all_frames(guest.watcher.counts),
                        ),
                    )
                at = true.index(count, at)


async def few_at_a_time(what: Iterable[Awaitable[object]]) -> None:
    """Wait for all of it, some at a time: however slow a server is, somebody gets an answer soon."""
    waiting = iter(what)
    while some := list(itertools.islice(waiting, _FEW)):
        await together(*some)


async def is_answered(tab: Watcher) -> bool:
    """Tell whether the connection has survived what went wrong: it is closed, or else it answers."""
    wanted = Error("not_json")
    try:
        await tab.send("{")
        while await tab.next(wanted) != wanted:
            pass
    except Closed:
        return False
    return True


async def fails_to_join(crowd: Crowd, room: str) -> None:
    """Try to join while the layer takes nobody in. Whether that is accepted first is free."""
    with suppress(Refused):
        await ends(await crowd.join(room, "unlucky"))


async def ends(tab: Watcher) -> None:
    """Close a tab that has survived what went wrong."""
    if await is_answered(tab):
        await tab.leave()


async def hang_up_in_the_handshake(
    server: ProjectServer, room: str, headers: Iterable[tuple[str, str]] = (), *, answered: bool
) -> None:
    """Begin to join `room` and be gone before it is done: before the answer, or right with it."""
    reader, writer = await open_stream(server)
    host = f"{server.host}:{server.port}"
    lines = [
        f"GET {room_path(room)} HTTP/1.1",
        f"Host: {host}",
        f"Origin: {server.origin}",
        *(f"{name}: {value}" for name, value in headers),
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    await writer.drain()
    if answered:
        await reader.read(1)
    writer.transport.abort()
    with suppress(ConnectionError):  # it was broken off, as was meant
        await writer.wait_closed()
