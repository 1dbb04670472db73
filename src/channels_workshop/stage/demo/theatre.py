"""Directs a demo: next, back, jump; and who sees what when. The state lives here, not in a page.

What a step brings about is held back from the audience until all that must be seen has come. Whoever
presents sees it first. To go back, or to jump, the scene is torn down and every step before that
place is performed anew, unseen: so it is exact, whatever a step does.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...judging.mismatch import Mismatch
from ...language import Message
from ...processes.supervisor import Supervisor
from .events import AnyEvent, Pulse
from .scene import Scene
from .script import Demo, Step
from .state import State, after

#: Seconds for which an outcome is waited for before a room.
BEFORE_PEOPLE = 20.0


@dataclass(frozen=True)
class Missed:
    """An outcome that did not come: in which step, what was expected, and what there was."""

    step: Step
    expected: Message | str
    actual: Message | str


class Onlooker:
    """Whoever follows a demo. Called in the event loop; to do nothing is fine."""

    def shown(self, event: AnyEvent | None, state: State) -> None:
        """The audience sees `state` now; after `event`, or, where that is None, at once."""

    def changed(self) -> None:
        """Whoever presents has something new to see."""


class Theatre:
    """A demo that is performed.

    `position` is how many steps the audience has seen, `state` what it sees, `missed` why the next step
    is not shown. `ahead` is what is on the scene. `recorded` holds, by the ids of steps, the events
    of an earlier performance, with which one can go on. `begun_at` is when the first step was shown,
    by `time.monotonic`.
    """

    def __init__(
        self,
        demo: Demo,
        supervisor: Supervisor,
        patience: float = BEFORE_PEOPLE,
        recorded: Mapping[str, Sequence[AnyEvent]] | None = None,
    ) -> None:
        self.demo = demo
        self.position = 0
        self.state = self.ahead = State()
        self.missed: Missed | None = None
        self.is_busy = False
        self.begun_at: float | None = None
        self.recorded = dict(recorded or {})
        self.onlookers: list[Onlooker] = []
        self._supervisor, self._patience = supervisor, patience
        self._scene: Scene | None = None
        self._held: list[AnyEvent] | None = None
        self._is_restoring = False
        self._one_at_a_time = asyncio.Lock()

    @property
    def next_step(self) -> Step | None:
        """The step that comes next, None at the end."""
        steps = self.demo.steps
        return steps[self.position] if self.position < len(steps) else None

    async def open(self) -> None:
        """Set the scene."""
        await self.go_to(0)

    async def next(self) -> None:
        """Perform the next step, and show it if all of it comes. Nothing, at the end or while busy."""
        if self.is_busy or self.missed or self.next_step is None:
            return
        async with self._working():
            await self._perform_next()

    async def again(self) -> None:
        """Try the step that was missed once more, on a new scene."""
        if self.is_busy or not self.missed:
            return
        async with self._working():
            await self._restore(self.position)
            if not self.missed:
                await self._perform_next()

    async def go_on(self) -> None:
        """Show the step that was missed as it was recorded; as it is, where nothing was."""
        if self.is_busy or not self.missed:
            return
        events = self.recorded.get(self.missed.step.id, self._held or [])
        self._held, self.missed = None, None
        self._show(events)

    async def go_to(self, position: int) -> None:
        """Restore the demo as it is after so many steps. Nothing, while busy."""
        if self.is_busy or not 0 <= position <= len(self.demo.steps):
            return
        async with self._working():
            await self._restore(position)

    async def close(self) -> None:
        """End all that runs."""
        async with self._one_at_a_time:
            if self._scene:
                await self._scene.close()
                self._scene = None

    def _working(self) -> "_Working":
        return _Working(self, self._one_at_a_time)

    async def _perform_next(self) -> None:
        assert self._scene
        step = self.demo.steps[self.position]
        self._held = []
        if await self._perform(step):
            held, self._held = self._held, None
            self._show(held)

    async def _perform(self, step: Step) -> bool:
        """Perform a step; return whether all of it came."""
        assert self._scene
        try:
            await self._scene.perform(step)
        except Mismatch as mismatch:
            self.missed = Missed(step, mismatch.expected, mismatch.actual)
        except Exception as error:  # whatever it is, an evening goes on
            self.missed = Missed(step, step.id, f"{type(error).__name__}: {error}")
        return self.missed is None

    def _show(self, events: Sequence[AnyEvent]) -> None:
        """Let the audience see a step."""
        self.begun_at = self.begun_at or time.monotonic()
        self.position += 1
        if not events:
            self._tell_audience(None)
        for event in events:
            self.state = after(self.state, event)
            self._tell_audience(event)

    async def _restore(self, position: int) -> None:
        if self._scene:
            await self._scene.close()
        self.missed, self._held, self._is_restoring = None, None, True
        self.ahead = State()
        scene = self._scene = Scene(
            self.demo, self._supervisor, lambda event: self._hear(scene, event), self._patience
        )
        try:
            await scene.set()
            reached = 0
            while reached < position and await self._perform(self.demo.steps[reached]):
                reached += 1
        finally:
            self._is_restoring = False
        self.position, self.state = reached, self.ahead
        self._tell_audience(None)

    def _hear(self, scene: Scene, event: AnyEvent) -> None:
        """Take note of what the scene tells, and pass it on to the audience where it may see it now."""
        if scene is not self._scene:  # its last words
            return
        self.ahead = after(self.ahead, event)
        if self._is_restoring:
            return
        if self._held is not None and not isinstance(event, Pulse):
            self._held.append(event)
            return
        self.state = after(self.state, event)
        self._tell_audience(event)

    def _tell_audience(self, event: AnyEvent | None) -> None:
        for onlooker in self.onlookers:
            onlooker.shown(event, self.state)

    def tell_presenter(self) -> None:
        """Let whoever presents see how things stand."""
        for onlooker in self.onlookers:
            onlooker.changed()


class _Working:
    """While it is entered the theatre is busy, and whoever presents sees so."""

    def __init__(self, theatre: Theatre, lock: asyncio.Lock) -> None:
        self._theatre, self._lock = theatre, lock

    async def __aenter__(self) -> None:
        self._theatre.is_busy = True
        await self._lock.acquire()
        self._theatre.tell_presenter()

    async def __aexit__(self, *exception: object) -> None:
        self._lock.release()
        self._theatre.is_busy = False
        self._theatre.tell_presenter()
