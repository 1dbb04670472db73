"""Plays a demo with no hands: forwards, then jumping about; stops at the first that is not as it was.

What a jump restores is held against what the walk forwards has shown at that place.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...judging.timeline import shortened
from ...language import Message, message
from ...processes.supervisor import Supervisor
from .events import AnyEvent, Pulse
from .script import Demo
from .state import State, comparable
from .theatre import Onlooker, Theatre

#: Seconds. Nobody waits in a rehearsal, and the machine may be busy.
_PATIENCE = 60.0


@dataclass(frozen=True)
class Failed:
    """What went wrong: after which step (its id), in which round (from 1), and on what way there."""

    step: str
    round: int
    way: str
    expected: Message | str
    actual: Message | str


@dataclass
class Rehearsed:
    """What came of rehearsing a demo: `played` steps in all, and what failed, if anything.

    `recorded` are the events of each step, by its id, that came on the last walk forwards;
    `begins_with` is how the stage was set.
    """

    demo: Demo
    played: int = 0
    failed: list[Failed] = field(default_factory=list)
    recorded: dict[str, list[AnyEvent]] = field(default_factory=dict)
    begins_with: State = field(default_factory=State)


async def rehearse(
    demo: Demo, supervisor: Supervisor, times: int = 1, seed: int = 0, jumps: bool = True
) -> Rehearsed:
    """Play `demo` so many times, each time forwards and, with `jumps`, then to random places."""
    rehearsed = Rehearsed(demo)
    for number in range(1, times + 1):
        theatre = Theatre(demo, supervisor, _PATIENCE)
        round_ = _Round(theatre, rehearsed, number)
        try:
            if await round_.walk() and jumps:
                await round_.jump_about(random.Random(f"{seed}/{demo.lesson.name}/{number}"))
        finally:
            await theatre.close()
        if rehearsed.failed:
            break
    return rehearsed


class _Recorder(Onlooker):
    """Notes what the audience sees."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []

    def shown(self, event: AnyEvent | None, state: State) -> None:
        if event is not None and not isinstance(event, Pulse):
            self.events.append(event)


class _Round:
    """One time: forwards, and then about."""

    def __init__(self, theatre: Theatre, rehearsed: Rehearsed, number: int) -> None:
        self._theatre, self._rehearsed, self._number = theatre, rehearsed, number
        self._seen: list[State] = []
        self._way: list[str] = []

    async def walk(self) -> bool:
        """Play from the first step to the last; return whether all came."""
        recorder = _Recorder()
        await self._theatre.open()
        self._rehearsed.begins_with = self._theatre.state
        self._theatre.onlookers.append(recorder)
        self._seen.append(comparable(self._theatre.state))
        for step in self._theatre.demo.steps:
            recorder.events.clear()
            if not await self._step():
                return False
            self._rehearsed.recorded[step.id] = list(recorder.events)
            self._seen.append(comparable(self._theatre.state))
        self._theatre.onlookers.remove(recorder)
        return True

    async def jump_about(self, chance: random.Random) -> None:
        """Jump to random places, and go on from each; until something is not as it was."""
        places = range(len(self._theatre.demo.steps) + 1)
        for place in chance.sample(places, k=min(3, len(places))):
            self._way.append(f"→{place}")
            await self._theatre.go_to(place)
            if not self._is_as_it_was():
                return
            if self._theatre.next_step and not (await self._step() and self._is_as_it_was()):
                return

    async def _step(self) -> bool:
        self._way.append("+")
        await self._theatre.next()
        self._rehearsed.played += 1
        return self._all_came()

    def _all_came(self) -> bool:
        missed = self._theatre.missed
        if missed:
            self._fail(missed.step.id, missed.expected, missed.actual)
        return missed is None

    def _is_as_it_was(self) -> bool:
        if not self._all_came():
            return False
        place = self._theatre.position
        was, now = self._seen[place], comparable(self._theatre.state)
        if was == now:
            return True
        step = self._theatre.demo.steps[place - 1].id if place else ""
        for name in State.__struct_fields__:
            if getattr(was, name) != getattr(now, name):
                before, after = repr(getattr(was, name)), repr(getattr(now, name))
                break
        self._fail(
            step,
            message("the same as on the way forwards: {state}", state=shortened(before, 600)),
            shortened(after, 600),
        )
        return False

    def _fail(self, step: str, expected: Message | str, actual: Message | str) -> None:
        way = "".join(self._way)
        self._rehearsed.failed.append(Failed(step, self._number, way, expected, actual))


def all_came(rehearsals: Sequence[Rehearsed]) -> bool:
    """Return whether nothing has failed."""
    return not any(rehearsed.failed for rehearsed in rehearsals)
