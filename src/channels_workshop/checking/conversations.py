"""Generated conversations: whatever people do, the target must answer as the reference does.

Each conversation is performed on both servers, one action at a time. After each action somebody
in the room says a sentinel, a text nobody can guess: once all have heard it, all that the action
caused has arrived. What came before it is compared; a difference is cut down to the shortest
conversation that still shows it.

Where a layer over Redis may be in use, nothing is said while somebody is going: see `goodbyes`.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from ..language import _
from ..serving.server import Server
from .agreement import Departure
from .chat import Chat, Message, Person, read_frame
from .client import Client
from .goodbyes import Goodbyes
from .patience import Patience
from .searching import search
from .timeline import Timeline
from .witness import heard

PEOPLE = ["ann", "bob", "eve"]
#: Names that a careless cleaning makes one.
ROOMS = ["tea", "Tea", "чай"]


@dataclass(frozen=True)
class Join:
    who: str
    room: str


@dataclass(frozen=True)
class Send:
    who: str
    frame: str | bytes


@dataclass(frozen=True)
class Leave:
    who: str


@dataclass(frozen=True)
class Drop:
    who: str


Action = Join | Send | Leave | Drop


def _say(text: str) -> str:
    import json

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


@dataclass
class _Performance:
    """One conversation on one server: who is in which room, and what each has received."""

    client: Client
    goodbyes: Goodbyes
    sentinels: random.Random
    #: Ends the name of every room: no conversation finds the traces of an earlier one.
    suffix: str
    people: dict[str, Person] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)
    received: list[tuple[Action, dict[str, list[str]]]] = field(default_factory=list)

    async def perform(self, actions: list[Action]) -> None:
        """Do what can be done of `actions`, up to the first that leaves the conversation broken.

        Who is not in a room cannot speak in it: such an action is passed over.
        """
        await self.goodbyes.wait(self.client.server)  # whoever was in the conversation before
        for action in actions:
            try:
                room = await self._do(action)
                if room is not None:
                    came = await self._what_came(room, action)
                    self.received.append((action, came))
            except Departure as broken:
                self.received.append((action, {action.who: [broken.happened]}))
                return

    async def _do(self, action: Action) -> str | None:
        """Do one action and return the room that it concerns, None if it makes no sense now."""
        if isinstance(action, Join):
            if action.who in self.people:
                return None
            self.people[action.who] = await Chat(self.client).join(
                f"{action.room} {self.suffix}", action.who
            )
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

    async def _what_came(self, room: str, action: Action) -> dict[str, list[str]]:
        """Return what everybody in `room` has received up to a sentinel."""
        if isinstance(action, Leave | Drop):
            await self.goodbyes.wait(self.client.server, staying=len(self.people))
        present = [who for who, where in self.rooms.items() if where == room]
        if not present:
            return {}
        # Said by the actor: its consumer works the action off first, then the sentinel.
        speaker = action.who if action.who in present else present[0]
        came: dict[str, list[str]] = {who: [] for who in present}
        sentinel = f"sentinel {self.sentinels.getrandbits(64):x}"
        await self.people[speaker].say(sentinel)
        # The speaker first: where the sentinel is lost, one wait tells it.
        present.sort(key=lambda who: who != speaker)
        for who in present:
            await self._hear(sentinel, self.people[who], came[who])
        return came

    async def _hear(self, sentinel: str, person: Person, came: list[str]) -> None:
        agreed = _("the next message of the room")
        while read_frame(frame := await person.connection.receive(agreed)) != Message(sentinel):
            _keep(frame, came)


def _keep(frame: str | bytes, came: list[str]) -> None:
    """Add a frame, unless it is of a type that is none of ours."""
    known = read_frame(frame)
    if known is not None:
        came.append(str(known))


#: Makes the client that a conversation is held with on one server.
Clients = Callable[[Server, Timeline, Patience], Client]


def _anybody(server: Server, timeline: Timeline, patience: Patience) -> Client:
    return Client(server, timeline, patience=patience)


def compare_with_reference(
    target: Server,
    reference: Server,
    seed_number: int,
    timeline: Timeline,
    at_target: Clients = _anybody,
    at_reference: Clients = _anybody,
    goodbyes_are_told: bool = False,
) -> None:
    """Raise Departure, with the shortest story in `timeline`, where the two servers differ.

    `goodbyes_are_told`: whether the servers tell how many are connected, as in lesson 06.
    """
    loop = asyncio.new_event_loop()
    try:
        with heard(target):
            loop.run_until_complete(_hears_itself(at_target(target, timeline, Patience())))
    finally:
        loop.close()
    sentinels = random.Random(seed_number)
    goodbyes = [Goodbyes(goodbyes_are_told) for _server in (target, reference)]

    async def perform(actions: list[Action], story: Timeline, patience: Patience) -> None:
        suffix = f"{sentinels.getrandbits(32):x}"
        here = at_target(target, story, patience)
        there = at_reference(reference, Timeline(), Patience())
        ours, theirs = [
            _Performance(client, told, sentinels, suffix)
            for client, told in zip((here, there), goodbyes, strict=True)
        ]
        await _perform_both(ours, theirs, actions)
        _hold_against(ours, theirs)

    search(_CONVERSATIONS, perform, target, seed_number, timeline)


async def _hears_itself(client: Client) -> None:
    """Raise Departure if not even one person alone hears what it says: no need to generate more."""
    try:
        ann = await Chat(client).join(ROOMS[0], "ann")
        await ann.say("hello?")
        await ann.hears("hello?")
    finally:
        await client.leave()


async def _perform_both(ours: _Performance, theirs: _Performance, actions: list[Action]) -> None:
    try:
        await asyncio.gather(ours.perform(actions), theirs.perform(actions))
    finally:
        await ours.client.leave()
        await theirs.client.leave()


def _hold_against(ours: _Performance, theirs: _Performance) -> None:
    for (action, here), (_same, there) in zip(ours.received, theirs.received, strict=False):
        for who in there:
            if here.get(who) != there[who]:
                what = _("after {action}, {who} has received", action=_told(action), who=who)
                raise Departure(
                    f"{what}: {_frames(there[who])}", f"{what}: {_frames(here.get(who, []))}"
                )


def _told(action: Action) -> str:
    return f"{action.who}: {type(action).__name__.lower()}"


def _frames(frames: list[str]) -> str:
    return ", ".join(frames) or _("nothing")
