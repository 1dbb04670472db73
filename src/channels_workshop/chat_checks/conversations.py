"""Generated conversations: whatever people do, the target must answer as the reference does.

Each conversation is performed on both servers, one action at a time. After each action somebody
in the room says a sentinel, a text nobody can guess: once all have heard it, all that the action
caused has arrived. What came before it is compared; a difference is cut down to the shortest
conversation that still shows it.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from ..judging.client import Client
from ..judging.counterexample import search
from ..judging.mismatch import Mismatch, log_of
from ..judging.patience import Patience
from ..judging.timeline import Timeline
from ..language import Message as Sentence
from ..language import message
from ..processes.project import ProjectServer
from .chat import Chat, Message, Person, all_frames, read_frame

PEOPLE = ["ann", "bob", "eve"]
#: Names that a careless cleaning makes one.
ROOMS = ["tea", "Tea", "чай"]


@dataclass(frozen=True)
class Join:
    who: str
    room: str

    def __str__(self) -> str:
        return f"{self.who}: join {self.room}"


@dataclass(frozen=True)
class Send:
    who: str
    frame: str | bytes

    def __str__(self) -> str:
        return f"{self.who}: send {self.frame!r}"


@dataclass(frozen=True)
class Leave:
    who: str

    def __str__(self) -> str:
        return f"{self.who}: leave"


@dataclass(frozen=True)
class Drop:
    who: str

    def __str__(self) -> str:
        return f"{self.who}: drop"


Action = Join | Send | Leave | Drop


def _say(text: str) -> str:
    return json.dumps({"message": text}, ensure_ascii=False)


# Whole scalar values only: what a lone surrogate should do is not part of the agreement.
_TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
_FRAMES = st.one_of(
    _TEXTS.map(_say),
    st.sampled_from(
        [
            "{",
            "[]",
            "7",
            "null",
            "{}",
            '{"message": 7}',
            '{"message": null}',
            '{"message": {"a": 1}}',
            '{"message": ""}',
            '{"message": " \\n"}',
            '{"message": "hi", "type": "chat.message"}',
            '{"message": "hi", "type": "websocket.disconnect"}',
            '{"text": "hi"}',
        ]
    ),
    st.binary(max_size=4),
)
_WHO = st.sampled_from(PEOPLE)
_ACTIONS = st.one_of(
    st.builds(Send, _WHO, _FRAMES),
    st.builds(Send, _WHO, _FRAMES),
    st.builds(Send, _WHO, _FRAMES),
    st.builds(Join, _WHO, st.sampled_from(ROOMS)),
    st.builds(Leave, _WHO),
    st.builds(Drop, _WHO),
)
# It begins with two people in one room and a third in another: what follows makes sense then,
# and somebody else hears it, or must not.
_OPENINGS = st.sampled_from(ROOMS[1:]).map(
    lambda other: [Join("ann", ROOMS[0]), Join("bob", ROOMS[0]), Join("eve", other)]
)
_CONVERSATIONS = st.builds(list.__add__, _OPENINGS, st.lists(_ACTIONS, min_size=2, max_size=8))

#: What somebody has received; or what went wrong instead.
Came = list[str] | Sentence
#: Makes the client that a conversation is held with on one server.
Clients = Callable[[ProjectServer, Timeline, Patience], Client]
#: Waits until only so many people are connected to a server.
WaitUntilLeft = Callable[[ProjectServer, int], Awaitable[None]]


def _anybody(server: ProjectServer, timeline: Timeline, patience: Patience) -> Client:
    return Client(server, timeline, patience=patience)


async def _no_wait(server: ProjectServer, staying: int) -> None:
    """Wait for nothing: a connection that was closed, or lost, counts as gone."""


@dataclass(frozen=True)
class Side:
    """One of the two servers that are compared: who its clients are, and when they are gone."""

    server: ProjectServer
    client: Clients = _anybody
    wait_until_left: WaitUntilLeft = _no_wait


def compare_with_reference(
    target: Side, reference: Side, seed_number: int, timeline: Timeline, patience: Patience
) -> None:
    """Raise Mismatch, with the shortest story in `timeline`, where the two servers differ.

    `patience` is that of the run.
    """
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(_hears_itself(target, timeline, patience))
    finally:
        loop.close()
    sentinels = random.Random(seed_number)

    async def perform(actions: list[Action], story: Timeline, patience: Patience) -> None:
        suffix = f"{sentinels.getrandbits(32):x}"
        here = target.client(target.server, story, patience)
        there = reference.client(reference.server, Timeline(), Patience())
        ours = _Performance(here, target.wait_until_left, sentinels, suffix)
        theirs = _Performance(there, reference.wait_until_left, sentinels, suffix)
        try:
            await asyncio.gather(ours.perform(actions), theirs.perform(actions))
        finally:
            await here.leave()
            await there.leave()
        _compare(ours, theirs)

    search(_CONVERSATIONS, perform, target.server, seed_number, timeline, patience)


async def _hears_itself(side: Side, timeline: Timeline, patience: Patience) -> None:
    """Raise Mismatch if not even one person alone hears what it says: no need to generate more."""
    client = side.client(side.server, timeline, patience)
    with log_of(side.server):
        try:
            ann = await Chat(client).join(ROOMS[0], "ann")
            await ann.say("hello?")
            await ann.hears("hello?")
        finally:
            await client.leave()


@dataclass
class _Performance:
    """One conversation on one server: who is in which room, and what each has received."""

    client: Client
    wait_until_left: WaitUntilLeft
    sentinels: random.Random
    #: Ends the name of every room: no conversation finds the traces of an earlier one.
    suffix: str
    people: dict[str, Person] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)
    received: list[tuple[Action, dict[str, Came]]] = field(default_factory=list)

    async def perform(self, actions: list[Action]) -> None:
        """Do what can be done of `actions`, up to the first that leaves the conversation broken.

        Who is not in a room cannot speak in it: such an action is passed over.
        """
        await self._wait_until_left(0)  # those of the conversation before
        for action in actions:
            try:
                room = await self._do(action)
                if room is not None:
                    self.received.append((action, await self._what_came(room, action)))
            except Mismatch as broken:
                self.received.append((action, {action.who: broken.actual}))
                return

    async def _do(self, action: Action) -> str | None:
        """Do one action and return the room that it concerns, None if it makes no sense now."""
        if isinstance(action, Join):
            if action.who in self.people:
                return None
            room = f"{action.room} {self.suffix}"
            self.people[action.who] = await Chat(self.client).join(room, action.who)
            self.rooms[action.who] = action.room
            return action.room
        if action.who not in self.people:
            return None
        if isinstance(action, Send):
            await self.people[action.who].send(action.frame)
            return self.rooms[action.who]
        person, room = self.people.pop(action.who), self.rooms.pop(action.who)
        if isinstance(action, Leave):
            await person.leave()
        else:
            person.drop()
        return room

    async def _what_came(self, room: str, action: Action) -> dict[str, Came]:
        """Return what everybody in `room` has received up to a sentinel."""
        if isinstance(action, Leave | Drop):
            await self._wait_until_left(len(self.people))
        present = [who for who, where in self.rooms.items() if where == room]
        if not present:
            return {}
        # Said by the actor: its consumer handles the action first, then the sentinel.
        speaker = action.who if action.who in present else present[0]
        came: dict[str, list[str]] = {who: [] for who in present}
        sentinel = f"sentinel {self.sentinels.getrandbits(64):x}"
        await self.people[speaker].say(sentinel)
        # The speaker first: where the sentinel is lost, one wait shows it.
        present.sort(key=lambda who: who != speaker)
        for who in present:
            await self._hear(sentinel, self.people[who], came[who])
        return {**came}

    async def _hear(self, sentinel: str, person: Person, came: list[str]) -> None:
        """Add to `came` the frames before the sentinel, but for those of a type not in `chat`."""
        expected = message("the next message of the room")
        while (frame := read_frame(await person.connection.receive(expected))) != Message(sentinel):
            if frame is not None:
                came.append(str(frame))

    async def _wait_until_left(self, staying: int) -> None:
        await self.wait_until_left(self.client.server, staying)


def _compare(ours: _Performance, theirs: _Performance) -> None:
    for (action, here), (_same, there) in zip(ours.received, theirs.received, strict=False):
        for who, expected in there.items():
            actual = here.get(who, [])
            if actual != expected:
                raise Mismatch(
                    _after(action, who, expected),
                    _after(action, who, actual),
                    given=action.frame if isinstance(action, Send) and who == action.who else None,
                )


def _after(action: Action, who: str, came: Came) -> Sentence:
    if isinstance(came, Sentence):
        return message("after “{action}”: {what}", action=str(action), what=came)
    return message(
        "after “{action}”, {who} receives {frames}",
        action=str(action),
        who=who,
        frames=all_frames(came),
    )
