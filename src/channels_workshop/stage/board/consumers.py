"""The two WebSockets: of learners' workshops, and of the pages of the board."""

import asyncio
import json
from contextlib import suppress
from functools import partial
from typing import Any, Literal

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from django.http import parse_cookie

from ...language import Language
from . import messages
from .board import BOARDS, NO_REDIS, Board, group_of, watchers_of
from .documents import Shown, class_document, learner_document, learner_row
from .ledger import Full, Learner, Ledger
from .limits import FRAMES_A_SECOND, FRAMES_AT_ONCE, HELLO_SECONDS, Bucket
from .membership import tidied
from .messages import (
    Acknowledged,
    Asked,
    CodeFile,
    FromLearner,
    Hello,
    Lowered,
    Refused,
    Reports,
    Welcome,
)

#: A page of the board is closed with this: it has no code, or an old one.
NO_CODE = 4401
#: Any connection is closed with this while Redis is gone.
TRY_AGAIN_LATER = 1013

#: Seconds between two frames to a page; and after which it is looked again, for a page and for a
#: learner, though nobody has called: an event is lost while Redis is gone.
_PAUSE, _LOOK_AGAIN = 0.4, 5.0

_frame = msgspec.json.Decoder(FromLearner)


class LearnerConsumer(AsyncWebsocketConsumer):
    """A learner's workshop."""

    learner: Learner | None = None
    told: messages.Wishes | None = None  # what it was told last
    is_over = False

    async def connect(self) -> None:
        self.board: Board = self.scope["board"]
        # A browser says where its page is from, a workshop has no page: no site speaks for a learner.
        if b"origin" in dict(self.scope["headers"]):
            await self.close()
            return
        self.bucket = Bucket(FRAMES_AT_ONCE, FRAMES_A_SECOND, self.board.watch)
        await self.accept()
        await self.say(messages.Board(self.board.class_id))
        self.waiting = asyncio.create_task(self._wait_for_hello())
        await self.board.knock(self.channel_name, partial(self.refuse, messages.TOO_LATE))

    async def _wait_for_hello(self) -> None:
        await asyncio.sleep(HELLO_SECONDS)
        await self.refuse(messages.TOO_LATE)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        except NO_REDIS:
            await _try_again_later(send)
        finally:  # however it ends
            if hasattr(self, "waiting"):
                self.waiting.cancel()
                self.board.knocks_no_more(self.channel_name)
            if hasattr(self, "looking"):
                self.looking.cancel()
            if self.learner:
                await self.board.leave(self.channel_name)
                with suppress(*NO_REDIS):
                    group = group_of(self.learner.id)
                    await self.channel_layer.group_discard(group, self.channel_name)

    # ---- What it says.

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.is_over:
            return
        if not self.bucket.take():
            await self.refuse(messages.TOO_MUCH)
            return
        try:
            frame = _frame.decode(text_data or "")
        except (msgspec.MsgspecError, UnicodeEncodeError):  # the latter: half of a surrogate pair
            await self.refuse(messages.NOT_UNDERSTOOD)
            return
        try:
            await self._heard(frame)
        except Full:
            await self.refuse(messages.FULL)

    async def _heard(self, frame: FromLearner) -> None:
        match frame:
            case Hello() if self.learner is None:
                await self._hello(frame)
            case Reports(reports=reports) if self.learner:
                await self._reports(self.learner, reports)
            case CodeFile() if self.learner:
                await self._code(self.learner, frame)
            case _:
                await self.refuse(messages.NOT_UNDERSTOOD)

    async def _hello(self, hello: Hello) -> None:
        board, now = self.board, self.board.clock()
        admitted = await self._admitted(hello, now)
        if admitted is None:
            return
        learner, token = admitted
        if not board.lets_in(learner.id):
            await self.refuse(messages.TOO_MUCH)
            return
        self.learner = learner
        self.waiting.cancel()
        board.knocks_no_more(self.channel_name)
        #: Seconds that the learner's clock is behind the board's.
        self.behind = now - hello.now
        await self.channel_layer.group_add(group_of(learner.id), self.channel_name)
        number = await board.on_disk(partial(Ledger.acknowledged, learner=learner.id))
        await self.say(Welcome(learner.name, number, token))
        await board.enter(self.channel_name, learner.id)
        await self.wishes_changed({})
        self.looking = asyncio.create_task(self._look_again(learner))

    async def _admitted(self, hello: Hello, now: float) -> tuple[Learner, str] | None:
        """Return who that is, and a newcomer's token; None where nobody is let in."""
        if hello.token:
            known = await self.board.on_disk(partial(Ledger.known, token=hello.token))
            if known:
                return known, ""
        if not (name := tidied(hello.name)):
            await self.refuse(messages.NO_NAME)
            return None
        if refusal := self._refusal_of(hello):
            await self.refuse(refusal)
            return None
        return await self.board.on_disk(partial(Ledger.join, name=name, now=now))

    def _refusal_of(self, hello: Hello) -> int | None:
        """Return the close code for a newcomer who is not let in, None for one who is."""
        address = (self.scope.get("client") or [""])[0]
        if not hello.code:
            return messages.UNKNOWN if hello.token else messages.WRONG_CODE
        if not self.board.wrong_codes.may_try(address):
            return messages.TOO_MUCH
        if not self.board.code.fits(hello.code):
            self.board.wrong_codes.count(address)
            return messages.WRONG_CODE
        return None

    async def _reports(self, learner: Learner, reports: list[messages.Report]) -> None:
        # By the board's clock; and what a clock says that was changed meanwhile is kept in bounds.
        now = self.board.clock()
        by_our_clock = [
            msgspec.structs.replace(
                report, at=min(max(report.at + self.behind, learner.joined_at), now)
            )
            for report in reports
        ]
        number = await self.board.take(learner.id, by_our_clock)
        if number is None:
            await self.refuse(messages.OUT_OF_ORDER)
            return
        if any(isinstance(report.what, messages.Answered) for report in reports):
            await self.wishes_changed({})  # first: it is not to be asked for again
        await self.say(Acknowledged(number))

    async def _code(self, learner: Learner, file: CodeFile) -> None:
        """Pass a file on to those who look, and keep nothing of it."""
        await self.board.look()
        if self.board.seats.by_learner[learner.id].shows_code:
            event = {"type": "code.came", "file": msgspec.to_builtins(file)}
            await self.board.tell(watchers_of(learner.id), event)

    # ---- What it is told.

    async def wishes_changed(self, event: dict[str, Any]) -> None:
        """Called for each event of the group: something else is wanted of the learner."""
        if self.learner and not self.is_over:
            self.told = await self.board.wishes(self.learner.id)
            await self.say(self.told)

    async def _look_again(self, learner: Learner) -> None:
        """Tell of the wishes that no event has told of."""
        while True:
            await asyncio.sleep(_LOOK_AGAIN)
            if await self.board.wishes(learner.id) != self.told:
                await self.wishes_changed({})

    async def code_wanted(self, event: dict[str, Any]) -> None:
        """Called for each event of the group: somebody looks, and has seen nothing yet."""
        if self.learner and not self.is_over:
            wishes = await self.board.wishes(self.learner.id)
            await self.say(msgspec.structs.replace(wishes, code=True))

    async def say(self, frame: messages.FromBoard) -> None:
        await self.send(msgspec.json.encode(frame).decode())

    async def refuse(self, code: int) -> None:
        """Say why, close, and listen no more."""
        if not self.is_over:
            self.is_over = True
            await self.say(Refused(code))
            await self.close(code)


class NobodyConsumer(AsyncWebsocketConsumer):
    """Whoever knocks where nothing is."""

    async def connect(self) -> None:
        await self.close()


class _Ask(msgspec.Struct):
    """What a page asks for: to look at a learner, or at nobody (0); to offer help; a hand was seen."""

    do: Literal["watch", "help", "lower"]
    learner: int = 0


class BoardConsumer(AsyncWebsocketConsumer):
    """An open page of the board: sent what has changed, in its language."""

    is_counted = False
    watched = 0

    async def connect(self) -> None:
        self.board: Board = self.scope["board"]
        access = self.board.access
        # Accepted in any case: before that, a close is HTTP 403, and a browser sees no code.
        await self.accept()
        if not access.fits(_cookie(self.scope, access.cookie)) or not self.board.lets_look:
            await self.close(NO_CODE)
            return
        self.board.pages += 1
        self.is_counted = True
        kwargs = self.scope["url_route"]["kwargs"]
        self.language: Language = "ru" if kwargs["language"] == "ru" else "en"
        self.sent: dict[str, Any] = {}
        self.has_more = asyncio.Event()
        self.has_more.set()
        await self.channel_layer.group_add(BOARDS, self.channel_name)
        self.sending = asyncio.create_task(self._send_on())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        except NO_REDIS:
            await _try_again_later(send)
        finally:
            if self.is_counted:
                self.board.pages -= 1
                if hasattr(self, "sending"):
                    self.sending.cancel()
                with suppress(*NO_REDIS):
                    await self._watch(0)
                    await self.channel_layer.group_discard(BOARDS, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.is_counted:
            return
        try:
            ask = msgspec.json.decode(text_data or "", type=_Ask)
        except (msgspec.MsgspecError, UnicodeEncodeError) as error:
            refusal = {"type": "error", "code": "not_understood", "detail": str(error)}
            await self.send(_as_text(refusal))
            return
        seat = self.board.seats.by_learner.get(ask.learner)
        if ask.do == "watch":
            await self._watch(ask.learner if seat else 0)
        elif seat and ask.do == "help":
            await self.board.do(ask.learner, Asked())
        elif seat and ask.do == "lower":
            await self.board.do(ask.learner, Lowered(seat.hand_number))

    async def _watch(self, learner: int) -> None:
        if self.watched:
            await self.channel_layer.group_discard(watchers_of(self.watched), self.channel_name)
        self.watched = learner
        if learner:
            await self.channel_layer.group_add(watchers_of(learner), self.channel_name)
            await self.board.tell(group_of(learner), {"type": "code.wanted"})
            self.has_more.set()

    # ---- What is shown.

    async def board_changed(self, event: dict[str, Any]) -> None:
        """Called for each event of the group: there is something new in the ledger."""
        self.has_more.set()

    async def code_came(self, event: dict[str, Any]) -> None:
        """Called for each event of the group: a file of the learner who is looked at."""
        await self.send(_as_text({"code": {**event["file"], "learner": self.watched}}))

    async def _send_on(self) -> None:
        """Send what has changed, not too often; minutes pass though nothing happens."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_AGAIN):
                    await self.has_more.wait()
            except TimeoutError:
                pass
            self.has_more.clear()
            await self.board.look()
            await self._send_changes()
            await asyncio.sleep(_PAUSE)

    async def _send_changes(self) -> None:
        board = self.board
        shown = Shown(board.course, self.language, board.clock(), frozenset(board.present))
        now: dict[str, Any] = {"class": class_document(board.seats, shown)}
        for number, seat in board.seats.by_learner.items():
            now[f"learner {number}"] = learner_row(seat, shown)
        if seat_watched := board.seats.by_learner.get(self.watched):
            now["watched"] = learner_document(seat_watched, shown)
        changed = {name: part for name, part in now.items() if self.sent.get(name) != part}
        self.sent = now
        rows = [changed.pop(name) for name in list(changed) if name.startswith("learner ")]
        if changed or rows:
            await self.send(_as_text({**changed, "learners": rows}))


async def _try_again_later(send: Any) -> None:
    """Close a connection that cannot be told anything: it comes back by itself."""
    with suppress(OSError, RuntimeError):  # it is gone already, or closed
        await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})


def _as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)


def _cookie(scope: dict[str, Any], name: str) -> str | None:
    headers = dict(scope["headers"])
    found: str | None = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(name)
    return found
