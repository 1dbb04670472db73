"""What a scene tells while a step is performed. Every page, rehearsal and recording is made of it."""

from typing import Literal

import msgspec

from ...judging.timeline import Moment


class Event(msgspec.Struct, frozen=True, tag_field="kind"):
    """Something that has happened on the scene."""


class ServerUp(Event, frozen=True, tag="server_up"):
    """`server` accepts connections at `address`; `program` is what runs there."""

    server: str
    address: str
    program: str


class ServerDown(Event, frozen=True, tag="server_down"):
    """`server` was ended at once, and is not coming back by itself."""

    server: str


class Printed(Event, frozen=True, tag="printed"):
    """`server` has printed a line that the script waits for."""

    server: str
    line: str


class RedisIs(Event, frozen=True, tag="redis"):
    """The Redis of the demo runs, or does not."""

    up: bool


class ServiceIs(Event, frozen=True, tag="service"):
    """`service` lets so many callers wait."""

    service: str
    waiting: int


class Told(Event, frozen=True, tag="moment"):
    """A client, of `server`, did or met something: one more line of its timeline."""

    server: str
    moment: Moment


class Opened(Event, frozen=True, tag="opened"):
    """The handshake of `who` with `server` was accepted."""

    who: str
    server: str


class Asks(Event, frozen=True, tag="asks"):
    """`who` has asked `server` for the page `path`, and waits for it."""

    who: str
    server: str
    path: str


class Pulse(Event, frozen=True, tag="pulse"):
    """The heart `who`, which asks `server`, has asked (`waits`), or was answered (`beats`)."""

    who: str
    server: str
    is_now: Literal["waits", "beats"]


class Filled(Event, frozen=True, tag="filled"):
    """Code was written: `text` stands in the section, or file, `name` of the file `path` now.

    `changed` are the numbers of the lines, from 0, that did not stand there before.
    """

    name: str
    path: str
    text: str
    changed: list[int]


AnyEvent = (
    ServerUp | ServerDown | Printed | RedisIs | ServiceIs | Told | Opened | Asks | Pulse | Filled
)
