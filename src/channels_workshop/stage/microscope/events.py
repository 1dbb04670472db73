"""What is seen: one event, the same for the server that notes it, the file, the page and the lab."""

from collections.abc import Iterator
from typing import Literal

import msgpack
import msgspec

#: What somebody does. Of a server: from `starts` on; of a client, of Redis and of the lab: the rest.
What = Literal[
    "starts", "connects", "accepts", "receives", "sends", "lost", "closes", "closed", "ends",
    "asks", "answers", "joins", "leaves", "tells", "mails", "gets", "fails", "raises", "dropped",
    "enters", "is_in", "refused", "says", "hears", "goes", "cut_off", "told", "does",
]  # fmt: skip


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`who` does `what`, `at` microseconds by the machine's monotonic clock.

    `number` counts what this `who` has done; `connection` is that of a server, 0 for none. `where` is a
    path, a group, a channel or the kind of an exception; "bytes" for a binary frame. Of `text`, so many
    characters were `cut`. `code`: of a close or an answer, or how many events were dropped.
    """

    at: int
    who: str
    number: int
    what: What
    connection: int = 0
    where: str = ""
    text: str = ""
    cut: int = 0
    code: int = 0

    @property
    def order(self) -> tuple[int, str, int]:
        """What a time line is sorted by: the same whichever event came first to us."""
        return self.at, self.who, self.number


class Noted(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event as it comes from a server, which tells its name once and leaves the numbers to us.

    Its `at` is in nanoseconds, as the clock gives it.
    """

    at: int
    what: What
    connection: int = 0
    where: str = ""
    text: str = ""
    cut: int = 0
    code: int = 0

    def event(self, who: str, number: int) -> Event:
        """Return the event that it is."""
        return Event(
            self.at // 1000, who, number, self.what, self.connection,
            self.where, self.text, self.cut, self.code,
        )  # fmt: skip


_decode = msgspec.json.Decoder(Event).decode


def read_event(line: bytes) -> Event:
    """Return the event in a line. Raises msgspec.MsgspecError where there is none."""
    return _decode(line)


def read_noted(told: msgpack.Unpacker) -> Iterator[Noted]:
    """Yield what is whole of what a server has told. Raises as `read_event` does, or ValueError."""
    for content in told:
        yield msgspec.convert(content, Noted)
