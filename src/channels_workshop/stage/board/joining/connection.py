"""A workshop's connection to the board: comes back by itself, and tells everything once."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from .. import messages
from ..limits import LARGEST_FRAME, REPORTS_AT_ONCE
from ..messages import (
    Acknowledged,
    Board,
    CodeFile,
    FromBoard,
    Hello,
    Refused,
    Reports,
    Welcome,
    Wishes,
)
from .address import ClassAddress
from .outbox import Membership, Outbox

#: Seconds before the second try, doubled with each further one; and the longest.
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 15.0
#: Seconds that the board gets to answer, and between two pings: a network may go without a word.
_PATIENCE, _PING = 10.0, 10.0
#: Seconds between two frames: fewer than the board takes.
_PAUSE = 0.25

_frame = msgspec.json.Decoder(FromBoard)
_Frame = TypeVar("_Frame", bound=msgspec.Struct)

#: What is raised where there is no board, or something else in its place.
NOBODY = (OSError, TimeoutError, WebSocketException, msgspec.MsgspecError, UnicodeDecodeError)

#: `refused`: by a close code that no further try would change.
Link = Literal["connecting", "connected", "lost", "refused"]


@dataclass
class Member:
    """What is the learner's own: the `name` they go by, the class's `code` where they know it."""

    name: str
    code: str = ""


class TurnedAway(Exception):
    """The board has refused, with this close code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    @property
    def is_final(self) -> bool:
        """Whether no further try would change it."""
        return self.code < messages.OUT_OF_ORDER


class Connection:
    """The connection of `member` to the board at `address`, which is told what is in `outbox`.

    `changed` is called after each change of `link`, `refusal` (a close code), `called` (the name on
    the board), `wishes`, and `acknowledged`, up to which report the board has all. `begins_anew` is
    called where the outbox was of another class: what is to be told is to be noted again. `code` gives
    the learner's files when they are wanted.
    """

    def __init__(
        self,
        address: ClassAddress,
        member: Member,
        outbox: Outbox,
        clock: Callable[[], float],
        *,
        changed: Callable[[], None] = lambda: None,
        begins_anew: Callable[[], None] = lambda: None,
        code: Callable[[], Sequence[CodeFile]] = tuple,
    ) -> None:
        self.address, self.member, self.outbox = address, member, outbox
        self.link: Link = "connecting"
        self.refusal: int | None = None
        self.called = outbox.membership.name if outbox.membership else member.name
        self.wishes = Wishes()
        self._clock, self._changed, self._begins_anew, self._code = (
            clock,
            changed,
            begins_anew,
            code,
        )
        self.acknowledged = 0
        self._sent = 0
        self._wants_code = False
        self._has_more = asyncio.Event()

    def tell(self) -> None:
        """There is something new in the outbox."""
        self._has_more.set()

    def show_code(self) -> None:
        """The files have changed, or may be shown from now on: who looks is to see it."""
        if self.wishes.code:
            self._wants_code = True
            self._has_more.set()

    async def run(self) -> None:
        """Connect, and again whenever that is lost; returns where the board refuses for good."""
        failures = 0
        while True:
            try:
                async with self._connected() as socket:
                    await self._talk(socket)
            except TurnedAway as refused:
                if refused.is_final:
                    self._set(link="refused", refusal=refused.code)
                    return
                failures = max(failures, 3)  # later, and not all at once
            except NOBODY:
                pass
            failures = 1 if self.link == "connected" else failures + 1
            self._set(link="lost", wishes=msgspec.structs.replace(self.wishes, code=False))
            # Any delay up to a limit that doubles: a whole class does not come back at once.
            limit = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(failures, 10))
            await asyncio.sleep(random.uniform(0.1, 1) * limit)

    async def join(self) -> None:
        """Connect once, to become a member. Raises TurnedAway, or NOBODY where nobody answers."""
        async with asyncio.timeout(_PATIENCE), self._connected() as socket:
            await self._greet(socket)

    # ---- One connection.

    def _connected(self) -> connect:
        return connect(
            self.address.socket,
            origin=None,
            proxy=None,
            compression=None,
            open_timeout=_PATIENCE,
            close_timeout=2,
            ping_interval=_PING,
            ping_timeout=_PING,
            max_size=LARGEST_FRAME,
        )

    async def _greet(self, socket: ClientConnection) -> None:
        """Say who we are, and be welcomed."""
        async with asyncio.timeout(_PATIENCE):
            board = await _next(socket, Board)
            known = self.outbox.membership
            token = known.token if known and known.class_id == board.class_id else ""
            if board.version != messages.VERSION:
                raise TurnedAway(messages.OTHER_VERSION)
            await _say(socket, Hello(self.member.name, self._clock(), self.member.code, token))
            welcome = await _next(socket, Welcome)
        membership = Membership(board.class_id, welcome.name, welcome.token or token)
        if not self.outbox.welcomed(membership, welcome.acknowledged):
            self._begins_anew()
        self.acknowledged = self._sent = welcome.acknowledged
        self._set(link="connected", refusal=None, called=welcome.name)

    async def _talk(self, socket: ClientConnection) -> None:
        await self._greet(socket)
        self._has_more.set()
        telling = asyncio.create_task(self._tell_all(socket))
        try:
            async for content in socket:
                self._heard(_frame.decode(content))
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError, WebSocketException, OSError):
                await telling

    async def _tell_all(self, socket: ClientConnection) -> None:
        """Send what is not sent; one frame is under way at a time, so a slow board is not drowned."""
        while True:
            await self._has_more.wait()
            self._has_more.clear()
            if self._wants_code:
                self._wants_code = False
                for file in self._code():
                    await _say(socket, file)
                    await asyncio.sleep(_PAUSE)
            reports = self.outbox.after(self._sent, REPORTS_AT_ONCE)
            if reports and self._sent == self.acknowledged:
                await _say(socket, Reports(reports))
                self._sent = reports[-1].number
                await asyncio.sleep(_PAUSE)

    def _heard(self, frame: FromBoard) -> None:
        match frame:
            case Acknowledged(number=number):
                self._sent = number
                self._set(acknowledged=number)
                self._has_more.set()
            case Wishes():
                self._wants_code = self._wants_code or frame.code
                wanted = frame.code or self.wishes.code
                self._set(wishes=msgspec.structs.replace(frame, code=wanted))
                self._has_more.set()
            case Refused(code=code):
                raise TurnedAway(code)
            case _:
                pass  # of a newer board, and nothing that we wait for

    def _set(self, **fields: object) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self._changed()


async def _say(socket: ClientConnection, frame: messages.FromLearner) -> None:
    await socket.send(msgspec.json.encode(frame).decode())


async def _next(socket: ClientConnection, kind: type[_Frame]) -> _Frame:
    """Return the next frame, which has to be of that kind."""
    frame = _frame.decode(await socket.recv())
    if isinstance(frame, Refused):
        raise TurnedAway(frame.code)
    if not isinstance(frame, kind):
        raise msgspec.ValidationError("another frame was expected")
    return frame
