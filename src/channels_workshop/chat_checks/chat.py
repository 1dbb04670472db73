"""The chat of lessons 03 to 06 as its clients know it: people who join rooms and talk."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from .. import language
from ..judging.client import Client, Connection
from ..judging.mismatch import Mismatch, given
from ..judging.timeline import shortened
from ..language import message


@dataclass(frozen=True)
class Message:
    """A frame `{"message": text}`."""

    text: object

    def __str__(self) -> str:
        return json.dumps({"message": self.text}, ensure_ascii=False)


@dataclass(frozen=True)
class Error:
    """A frame `{"type": "error", "code": code}`; its human text is free."""

    code: object

    def __str__(self) -> str:
        return json.dumps({"type": "error", "code": self.code}, ensure_ascii=False)


@dataclass(frozen=True)
class Garbled:
    """A frame that the agreement does not know."""

    frame: str

    def __str__(self) -> str:
        return self.frame


Frame = Message | Error | Garbled


def read_object(frame: str | bytes) -> dict[str, object] | None:
    """Return the JSON object in a frame, None where there is none."""
    try:
        content = json.loads(frame)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def read_frame(frame: str | bytes) -> Frame | None:
    """Return what the agreement sees in a frame; None for a frame of another type."""
    content = read_object(frame)
    if content is None:
        return Garbled(shortened(repr(frame), 80))
    if content.get("type") == "error":
        return Error(content.get("code"))
    if "message" in content:
        return Message(content["message"])
    return None


def room_path(room: str) -> str:
    """Return the path of a room's WebSocket."""
    return f"/ws/chat/{quote(room, safe='')}/"


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

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def who(self) -> str:
        """The name in the story of the check."""
        return self.connection.who

    async def say(self, text: str) -> None:
        """Send a message as the page's script does."""
        await self.connection.send({"message": text})

    async def send(self, frame: str | bytes | dict[str, object]) -> None:
        """Send any frame at all."""
        await self.connection.send(frame)

    async def next(self, expected: Frame) -> Frame:
        """Return the next frame that the agreement knows; `expected` is what should come."""
        while True:
            frame = read_frame(await self.connection.receive(self.receives(expected)))
            if frame is not None:
                return frame

    async def hears(self, text: str) -> None:
        """Raise Mismatch unless the next frame is that message."""
        await self._gets(Message(text))

    async def gets_error(self, code: str) -> None:
        """Raise Mismatch unless the next frame is the error frame with that code."""
        await self._gets(Error(code))

    async def _gets(self, frame: Frame) -> None:
        got = await self.next(frame)
        if got != frame:
            raise Mismatch(self.receives(frame), self.receives(got))

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


class Chat:
    """The way into the rooms of one server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def join(self, room: str, who: str) -> Person:
        """Open a tab on `room`; return once the handshake is accepted."""
        return Person(await self._client.connect(room_path(room), who=who))

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
            await person.gets_error(code)
            await is_closed_with(person.connection, close_code)
