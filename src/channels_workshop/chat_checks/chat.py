"""The chat of lessons 03 to 06 as its clients know it: people who join rooms and talk.

Frames are read strictly: text, JSON objects, with the keys that the agreement shows and no other.
Frames of a type that is not known here are passed over, as a client does.
"""

import asyncio
import json
import unicodedata
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .. import language
from ..judging.client import Client, Closed, Connection
from ..judging.mismatch import Mismatch, agreed, given
from ..judging.timeline import Timeline, shortened
from ..language import message


@dataclass(frozen=True)
class Message:
    """A frame `{"message": text}`; what other keys it has in a later lesson is no part of this."""

    text: object

    def __str__(self) -> str:
        return printable({"message": self.text})


@dataclass(frozen=True)
class Error:
    """A frame `{"type": "error", "code": code, "detail": "…"}`; its human text is free."""

    code: object

    def __str__(self) -> str:
        return printable({"type": "error", "code": self.code, "detail": "…"})


@dataclass(frozen=True)
class Garbled:
    """A frame that the agreement does not know."""

    frame: str

    def __str__(self) -> str:
        return self.frame


Frame = Message | Error | Garbled

#: The keys of a message frame, unless a lesson says otherwise; those of an error frame.
MESSAGE_KEYS = frozenset({"message"})
_ERROR_KEYS = {"type", "code", "detail"}


def read_object(frame: str | bytes) -> dict[str, object] | None:
    """Return the JSON object in a frame, None where there is none.

    A question mark stands for half of a surrogate pair: no report could be written with that.
    """
    try:
        content = json.loads(frame)
        text = json.dumps(content, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        content = json.loads(text.encode(errors="replace"))
    return content if isinstance(content, dict) else None


def read_frame(frame: str | bytes, message_keys: Collection[str] | None = None) -> Frame | None:
    """Return what the agreement sees in a frame; None for a frame of another type.

    With `message_keys` a message that has other keys than these is garbled.
    """
    content = read_object(frame) if isinstance(frame, str) else None
    if content is None:
        return _garbled(frame)
    match content:
        case {"type": "error"}:
            is_whole = content.keys() == _ERROR_KEYS and _is_text(content["detail"])
            return Error(content["code"]) if is_whole else _garbled(frame)
        case {"type": str()}:
            return None
        case {"message": str(text)}:
            is_whole = message_keys is None or content.keys() == set(message_keys)
            return Message(text) if is_whole else _garbled(frame)
    return _garbled(frame)


def message_in(frame: str | bytes) -> dict[str, object]:
    """Return the object in a frame that brings a message, garbled or not; for others an empty one."""
    content = read_object(frame) or {}
    is_of_another_type = isinstance(content.get("type"), str)
    return {} if is_of_another_type or "message" not in content else content


def _is_text(detail: object) -> bool:
    return isinstance(detail, str) and bool(detail.strip())


def _garbled(frame: str | bytes) -> Garbled:
    return Garbled(shortened(frame if isinstance(frame, str) else repr(frame), 200))


def printable(content: object) -> str:
    """Return JSON that can stand in a report: half of a surrogate pair cannot be encoded."""
    text = json.dumps(content, ensure_ascii=False)
    return text.encode(errors="backslashreplace").decode()


def room_path(room: str) -> str:
    """Return the path of a room's WebSocket."""
    return f"/ws/chat/{_encoded(room)}/"


def page_path(room: str) -> str:
    """Return the path of a room's page."""
    return f"/chat/{_encoded(room)}/"


def _encoded(room: str) -> str:
    """Return a name as `encodeURIComponent` writes it, but of two pluses the second as it is (P7)."""
    return quote(room, safe="!*'()").replace("%2B%2B", "%2B+")


def receives(who: str, what: object) -> language.Message:
    """Return the sentence that somebody receives `what`: a frame, or what `all_frames` returns."""
    frame = what if isinstance(what, language.Message | str) else shortened(str(what))
    return message("{who} receives {frame}", who=who, frame=frame)


def all_frames(frames: Iterable[object]) -> language.Message | str:
    """Return frames as one text, or the word for none."""
    return ", ".join(shortened(str(frame)) for frame in frames) or message("nothing")


async def is_closed_with(connection: Connection, code: int) -> None:
    """Raise Mismatch unless the server closes a connection with that code."""
    expected = closed_with(code)
    actual = await connection.closed_by_server(expected)
    if actual != code:
        raise Mismatch(expected, closed_with(actual), close_code=actual)


def closed_with(code: int) -> language.Message:
    """Return the sentence that the server closes a connection with that code."""
    return message("the connection is closed with code {code}", code=code)


class Person:
    """Somebody with one tab open on a room."""

    #: The keys of a message frame that comes to this person.
    message_keys: Collection[str] = MESSAGE_KEYS

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def who(self) -> str:
        """The name in the story of the check."""
        return self.connection.who

    @property
    def timeline(self) -> Timeline:
        """The story of the check."""
        return self.connection.timeline

    async def say(self, text: str) -> None:
        """Send a message as the page's script does."""
        await self.connection.send({"message": text})

    async def send(self, frame: str | bytes | dict[str, object]) -> None:
        """Send any frame at all."""
        await self.connection.send(frame)

    def read(self, frame: str | bytes) -> Frame | None:
        """Return what the agreement sees in a frame that came; None where it is to be passed over."""
        return read_frame(frame, self.message_keys)

    async def next(self, expected: Frame) -> Frame:
        """Return the next frame that the agreement knows; `expected` is what should come."""
        return await self.connection.receive_first(self.read, self.receives(expected))

    async def hears(self, text: str) -> None:
        """Raise Mismatch unless the next frame is that message."""
        await self._gets(Message(text))

    async def gets_error(self, code: str) -> None:
        """Raise Mismatch unless the next frame is the error frame with that code."""
        await self._gets(Error(code))

    async def _gets(self, frame: Frame) -> None:
        self.expects(frame, await self.next(frame))

    def expects(self, expected: Frame, actual: Frame) -> None:
        """Raise Mismatch unless both are the same frame; `actual` is the next one that came."""
        if actual == expected:
            return
        mismatch = Mismatch(self.receives(expected), with_difference(self, expected, actual))
        if isinstance(expected, Message) and isinstance(actual, Garbled):
            with agreed("T1"):  # which says what keys a message has
                raise mismatch
        raise mismatch

    async def is_refused(self, code: str, close_code: int) -> None:
        """Raise Mismatch unless the error `code` comes and then the close, with nothing between."""
        await self.gets_error(code)
        expected = closed_with(close_code)
        try:
            frame = await self.connection.receive_first(self.read, expected)
        except Closed as closed:
            if closed.code != close_code:
                actual = closed_with(closed.code)
                raise Mismatch(expected, actual, close_code=closed.code) from None
        else:
            raise Mismatch(
                expected, message("before that, {received}", received=self.receives(frame))
            )

    def receives(self, what: object) -> language.Message:
        """Return the sentence that this person receives `what`."""
        return receives(self.who, what)

    async def settle(self) -> None:
        """Wait until this person's join is complete, by a message that must come back.

        A consumer handles one event after the other, so its echo comes after `connect` is done.
        """
        await self.say(f"{self.who} is here")
        await self.until(f"{self.who} is here")

    async def until(self, text: str) -> None:
        """Wait for that message; others before it are dropped. Raises Mismatch for an error."""
        while (got := await self.next(Message(text))) != Message(text):
            if not isinstance(got, Message):
                raise Mismatch(self.receives(Message(text)), self.receives(got))

    async def leave(self) -> None:
        """Close the tab."""
        await self.connection.close()

    def drop(self) -> None:
        """Lose the network."""
        self.connection.abort()


class NamedPerson(Person):
    """Somebody whose chat says who has said what."""

    message_keys = frozenset({"message", "user"})


#: Opens a tab on a room for somebody, and returns once the handshake is accepted.
Join = Callable[[str, str], Awaitable[Person]]


class Chat:
    """The way into the rooms of one server."""

    def __init__(self, client: Client, person: type[Person] = Person) -> None:
        self._client = client
        self._person = person

    async def join(self, room: str, who: str) -> Person:
        """Open a tab on `room`; return once the handshake is accepted."""
        return self._person(await self._client.connect(room_path(room), who=who))

    async def people(self, room: str, *names: str) -> list[Person]:
        """Return people who have joined `room` for certain, one after the other."""
        people = [await self.join(room, name) for name in names]
        for person in people:
            await person.settle()
        # Now all are in. What they have heard of each other's arrival is no check's business.
        await people[0].say("all are here")
        for person in people:
            await person.until("all are here")
        return people

    async def refuses(self, room: str, code: str, close_code: int) -> None:
        """Raise Mismatch unless joining gets the error `code`, then the close with `close_code`."""
        with given(room):
            person = await self.join(room, "ann")
            with suppress(Closed):  # which it may be by now; else it is not answered
                await person.send("{")
            await person.is_refused(code, close_code)


async def together(*what: Awaitable[Any]) -> list[Any]:
    """Return what all came to; the first that raises ends the others, and its error is raised."""
    tasks = [asyncio.ensure_future(one) for one in what]
    try:
        for done in asyncio.as_completed(tasks):
            await done
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [task.result() for task in tasks]


def with_difference(person: Person, expected: Frame, actual: Frame) -> language.Message:
    """Return the sentence that `actual` came, and how it differs where that is hard to see."""
    received = message("the next that {who} receives is {frame}", **person.receives(actual).values)
    if not (isinstance(expected, Message) and isinstance(actual, Message)):
        return received
    texts = str(expected.text), str(actual.text)
    return altered(received, *texts) if look_alike(*texts) else received


def altered(received: language.Message, sent: str, came: str) -> language.Message:
    """Return the sentence `received`, and from where on the text that `came` is not what was `sent`."""
    place = next(
        (n for n, (one, other) in enumerate(zip(sent, came, strict=False)) if one != other),
        min(len(sent), len(came)),
    )
    return message(
        "{received}: from character {n} on {there}, where {here} was sent",
        received=received,
        n=place + 1,
        here=_code_points(sent[place:]),
        there=_code_points(came[place:]),
    )


def look_alike(one: str, other: str) -> bool:
    """Tell whether two texts look like one that was altered on its way."""
    if max(len(one), len(other)) > 60:  # more than a line shows
        return one[:8] == other[:8] or one[-8:] == other[-8:]
    plain = [unicodedata.normalize("NFKD", text).casefold() for text in (one, other)]
    seen = ["".join(char for char in text if char.isalnum()) for text in plain]
    return seen[0] == seen[1]


def _code_points(text: str) -> language.Message | str:
    shown = [f"U+{ord(char):04X}" for char in text[:3]]
    return " ".join(shown) + (" …" if len(text) > 3 else "") or message("nothing")
