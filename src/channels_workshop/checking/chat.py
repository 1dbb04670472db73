"""The chat of lessons 03 to 06 as its clients know it: people who join rooms and talk."""

import json
import random
from dataclasses import dataclass
from urllib.parse import quote

from ..language import _
from .agreement import Departure
from .client import Client, Connection


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
    """A frame that is none of the agreement's."""

    frame: str

    def __str__(self) -> str:
        return self.frame


Frame = Message | Error | Garbled


def read_object(frame: str | bytes) -> dict[str, object] | None:
    """Return the JSON object that a frame is; None where it is none."""
    try:
        content = json.loads(frame)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def read_frame(frame: str | bytes) -> Frame | None:
    """Return what the agreement sees in a frame; None for a frame of another type."""
    content = read_object(frame)
    if content is None:
        return Garbled(repr(frame)[:80])
    if content.get("type") == "error":
        return Error(content.get("code"))
    if "message" in content:
        return Message(content["message"])
    return None


class Person:
    """Somebody with one tab open on a room."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def say(self, text: str) -> None:
        """Send a message as the page's script does."""
        await self.connection.send({"message": text})

    async def send(self, frame: str | bytes | dict[str, object]) -> None:
        """Send any frame at all."""
        await self.connection.send(frame)

    async def next(self, agreed: Frame) -> Frame:
        """Return the next frame that the agreement knows; `agreed` is what should come."""
        while True:
            frame = read_frame(await self.connection.receive(self._receives(agreed)))
            if frame is not None:
                return frame

    async def hears(self, text: str) -> None:
        """Raise Departure unless the next frame is that message."""
        await self._gets(Message(text))

    async def is_told(self, code: str) -> None:
        """Raise Departure unless the next frame is the error frame with that code."""
        await self._gets(Error(code))

    async def _gets(self, frame: Frame) -> None:
        got = await self.next(frame)
        if got != frame:
            raise Departure(self._receives(frame), self._receives(got))

    def _receives(self, frame: Frame) -> str:
        return _("{who} receives {frame}", who=self.connection.who, frame=_short(str(frame)))

    async def settle(self) -> None:
        """Wait until this person's join has been worked off, by a message that must come back.

        A consumer takes one event after the other, so its echo comes after `connect` is through.
        """
        await self.say(f"{self.connection.who} is here")
        await self.until(f"{self.connection.who} is here")

    async def until(self, text: str) -> None:
        """Wait for that message; others before it are dropped. Raises Departure for an error."""
        while (got := await self.next(Message(text))) != Message(text):
            if not isinstance(got, Message):
                raise Departure(self._receives(Message(text)), self._receives(got))

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
        path = f"/ws/chat/{quote(room, safe='')}/"
        return Person(await self._client.connect(path, who=who))

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
        """Raise Departure unless the room is told `code`, then closed with `close_code`."""
        person = await self.join(room, "ann")
        await person.is_told(code)
        agreed = _("the connection is closed with code {code}", code=close_code)
        closed_with = await person.connection.closed_by_server(agreed)
        if closed_with != close_code:
            raise Departure(agreed, _("it was closed with code {code}", code=closed_with))


class Some:
    """Random names and texts, the same for the same seed."""

    def __init__(self, source: random.Random) -> None:
        self._random = source

    def room(self) -> str:
        """Return an ordinary room name that no other check uses."""
        return f"room-{self._word()}"

    def text(self) -> str:
        """Return something to say that cannot be guessed."""
        return f"{self._random.choice(_OPENINGS)} {self._word()}"

    def _word(self) -> str:
        return "".join(self._random.choices("abcdefghkmnprstuvwxyz", k=8))


_OPENINGS = ["hello", "привет", "tea at five?", "снова я,", "안녕", "👋🏽"]


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:60]} … ({len(text)})"
