"""Generated conversations: whatever people do, the target must answer as the agreement says.

Each conversation is performed on the target and on the reference, one action at a time. After each
action somebody in the room says a sentinel, a text nobody can guess: once all have heard it, all that
the action caused has arrived. What came before it is held against the rules; a difference is cut down
to a short conversation that still shows it. That the reference keeps the rules too is a second opinion
on the rules themselves.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from ..judging.client import Client
from ..judging.counterexample import search
from ..judging.mismatch import Mismatch, RanOut, log_of
from ..judging.patience import Patience
from ..judging.timeline import Timeline
from ..language import Message as Sentence
from ..language import message
from ..processes.project import ProjectServer
from .chat import Chat, Error, Message, Person, all_frames
from .client_frames import Sent, say

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
    sent: Sent

    def __str__(self) -> str:
        return f"{self.who}: send {self.sent.frame!r}"


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


def _read(text: str) -> Sent:
    """Return the frame that says `text`, which may be blank, with its answer."""
    sent = say(text)
    return sent if text.strip() else Sent(sent.frame, Error("empty"))


# Whole scalar values only: about halves of surrogate pairs JSON readers disagree.
_TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
_FRAMES = st.one_of(
    _TEXTS.map(_read),
    st.sampled_from(
        [
            Sent("{", Error("not_json")),
            Sent("[]", Error("not_object")),
            Sent("7", Error("not_object")),
            Sent("null", Error("not_object")),
            Sent("{}", Error("no_message")),
            Sent('{"text": "hi"}', Error("no_message")),
            Sent('{"message": 7}', Error("not_string")),
            Sent('{"message": null}', Error("not_string")),
            Sent('{"message": {"a": 1}}', Error("not_string")),
            Sent('{"message": ""}', Error("empty")),
            Sent('{"message": " \\n"}', Error("empty")),
            say("hi", {"type": "chat.message"}),
            say("hi", {"type": "websocket.disconnect"}),
        ]
    ),
    st.binary(max_size=4).map(lambda frame: Sent(frame, Error("not_text"))),
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

#: More frames than that are not read on after one action.
_AT_MOST = 20

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
    #: As what each connection is taken; see `Person.message_keys`.
    person: type[Person] = Person


def compare_with_reference(
    target: Side, reference: Side, seed_number: int, timeline: Timeline, patience: Patience
) -> None:
    """Raise Mismatch, with a short story in `timeline`, where the target departs from the rules.

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
        ours = _Performance(target, here, sentinels, suffix)
        theirs = _Performance(reference, there, sentinels, suffix)
        try:
            await asyncio.gather(ours.perform(actions), theirs.perform(actions))
        finally:
            await here.leave()
            await there.leave()
        _compare(ours)
        for (action, came), (_same, rule) in zip(theirs.received, theirs.expected, strict=True):
            assert came == rule, f"the reference departs from the rules: {action}: {came}"

    search(_CONVERSATIONS, perform, target.server, seed_number, timeline, patience)


async def _hears_itself(side: Side, timeline: Timeline, patience: Patience) -> None:
    """Raise Mismatch if not even one person alone hears what it says: no need to generate more."""
    client = side.client(side.server, timeline, patience)
    with log_of(side.server):
        try:
            ann = await Chat(client, side.person).join(ROOMS[0], "ann")
            await ann.say("hello?")
            await ann.hears("hello?")
        finally:
            await client.leave()


@dataclass
class _Performance:
    """One conversation on one server: who is in which room, and what each has received."""

    side: Side
    client: Client
    sentinels: random.Random
    #: Ends the name of every room: no conversation finds the traces of an earlier one.
    suffix: str
    people: dict[str, Person] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)
    received: list[tuple[Action, dict[str, Came]]] = field(default_factory=list)
    #: What must have come by the rules, action by action.
    expected: list[tuple[Action, dict[str, Came]]] = field(default_factory=list)
    #: Whether the conversation was left broken by what did not come in time.
    ran_out: bool = False

    async def perform(self, actions: list[Action]) -> None:
        """Do what can be done of `actions`, up to the first that leaves the conversation broken.

        Who is not in a room cannot speak in it: such an action is passed over.
        """
        await self._wait_until_left(0)  # those of the conversation before
        for action in actions:
            try:
                room = await self._do(action)
                if room is not None:
                    self.expected.append((action, self._what_must_come(room, action)))
                    self.received.append((action, await self._what_came(room, action)))
            except Mismatch as broken:
                if len(self.expected) == len(self.received):  # it came to nothing
                    self.expected.append((action, {action.who: []}))
                self.received.append((action, {action.who: broken.actual}))
                self.ran_out = isinstance(broken, RanOut)
                return

    async def _do(self, action: Action) -> str | None:
        """Do one action and return the room that it concerns, None if it makes no sense now."""
        if isinstance(action, Join):
            if action.who in self.people:
                return None
            room = f"{action.room} {self.suffix}"
            self.people[action.who] = await self._chat.join(room, action.who)
            self.rooms[action.who] = action.room
            return action.room
        if action.who not in self.people:
            return None
        if isinstance(action, Send):
            await self.people[action.who].send(action.sent.frame)
            return self.rooms[action.who]
        person, room = self.people.pop(action.who), self.rooms.pop(action.who)
        if isinstance(action, Leave):
            await person.leave()
        else:
            person.drop()
        return room

    @property
    def _chat(self) -> Chat:
        return Chat(self.client, self.side.person)

    def _what_must_come(self, room: str, action: Action) -> dict[str, Came]:
        """Return what everybody in `room` has to receive because of `action`, by the rules."""
        expected: dict[str, Came] = {who: [] for who, where in self.rooms.items() if where == room}
        if isinstance(action, Send):
            is_private = isinstance(action.sent.answer, Error)
            for who in [action.who] if is_private else list(expected):
                expected[who] = [str(action.sent.answer)]
        return expected

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
        answer = action.sent.answer if isinstance(action, Send) else None
        due = answer if isinstance(answer, Error) else None
        sentinel = f"sentinel {self.sentinels.getrandbits(64):x}"
        await self.people[speaker].say(sentinel)
        # The speaker first: where the sentinel is lost, one wait shows it.
        present.sort(key=lambda who: who != speaker)
        for who in present:
            is_told = who == action.who
            await self._hear(sentinel, self.people[who], came[who], due if is_told else None)
        return {**came}

    async def _hear(
        self, sentinel: str, person: Person, came: list[str], due: Error | None
    ) -> None:
        """Add to `came` the frames before the sentinel, but for those of a type not known here.

        Where an error is `due`, one may come behind the sentinel as well: see Z1.
        """
        is_heard = False
        # Whoever got something else by then is not to wait for the error any more.
        while not is_heard or (due is not None and not came):
            frame = await person.next(due if is_heard and due else Message(sentinel))
            if frame == Message(sentinel):
                is_heard = True
                continue
            came.append(str(frame))
            if len(came) > _AT_MOST:
                raise Mismatch(_short(came[:1]), _short(came))

    async def _wait_until_left(self, staying: int) -> None:
        await self.side.wait_until_left(self.client.server, staying)


def _short(came: list[str]) -> Sentence | str:
    return all_frames(came[:3]) if len(came) <= 3 else f"{all_frames(came[:3])}, …"


def _compare(ours: _Performance) -> None:
    """Raise Mismatch for the first action after which something else came than the rules say."""
    for (action, here), (_same, expected) in zip(ours.received, ours.expected, strict=True):
        for who, frames in expected.items():
            # Where something broke, only that is known.
            broken = next((came for came in here.values() if isinstance(came, Sentence)), None)
            actual = here.get(who, [] if broken is None else broken)
            if actual != frames:
                is_late = ours.ran_out and isinstance(actual, Sentence)
                raise (RanOut if is_late else Mismatch)(
                    _after(action, who, frames),
                    _after(action, who, actual),
                    given=action.sent.frame
                    if isinstance(action, Send) and who == action.who
                    else None,
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
