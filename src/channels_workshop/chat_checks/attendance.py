"""Generated stories of coming and going: whatever people do, each tab is shown what is true.

A story is performed one action after the other; after each, all in its room must know the count. What
that is says a model, `Gathering`. Where a target departs from it, the story is cut down to the shortest
that still shows it.
"""

import random
from dataclasses import dataclass

from hypothesis import strategies as st

from ..judging.client import Client
from ..judging.counterexample import search
from ..judging.mismatch import given
from ..judging.patience import Patience
from ..judging.some import Some
from ..judging.timeline import Timeline
from ..processes.project import ProjectServer
from .chat import Error
from .counter import Crowd, Gathering

#: Each of the first has a browser of its own; the last sends no cookie, so is another person each time.
PEOPLE = ["ann", "bob", "eve", "a program"]
ROOMS = 2
#: How many stories there are in a run.
STORIES = 8


@dataclass(frozen=True)
class Enter:
    who: str
    room: int
    #: Whether the newcomer says something then, or only listens.
    speaks: bool

    def __str__(self) -> str:
        return f"{self.who}: enter room {self.room + 1}"


@dataclass(frozen=True)
class Go:
    #: Which of the open tabs: they are counted over and over.
    tab: int
    drops: bool

    def __str__(self) -> str:
        return f"tab {self.tab + 1}: {'drop' if self.drops else 'close'}"


@dataclass(frozen=True)
class SendBadFrame:
    tab: int

    def __str__(self) -> str:
        return f"tab {self.tab + 1}: send a bad frame"


@dataclass(frozen=True)
class OpenPage:
    who: str
    room: int

    def __str__(self) -> str:
        return f"{self.who}: open the page of room {self.room + 1}"


Action = Enter | Go | SendBadFrame | OpenPage

_TABS, _ROOM = st.integers(0, 5), st.integers(0, ROOMS - 1)
_ENTER = st.builds(Enter, st.sampled_from(PEOPLE), _ROOM, st.booleans())
_ACTIONS = st.one_of(
    _ENTER,
    _ENTER,
    st.builds(Go, _TABS, st.booleans()),
    st.builds(SendBadFrame, _TABS),
    st.builds(OpenPage, st.sampled_from(PEOPLE[:-1]), _ROOM),
)
_STORIES = st.lists(_ACTIONS, min_size=4, max_size=12)


def counts_are_true(
    server: ProjectServer, seed_number: int, timeline: Timeline, patience: Patience
) -> None:
    """Raise Mismatch, with the shortest story in `timeline`, where a tab is shown what is not true."""
    some = Some(random.Random(seed_number))

    async def perform(actions: list[Action], story: Timeline, patience: Patience) -> None:
        client = Client(server, story, patience=patience)
        crowd = Crowd(client)
        try:
            await _Performance(crowd, some).perform(actions)
        finally:
            await crowd.leave()
            await client.leave()

    search(_STORIES, perform, server, seed_number, timeline, patience, STORIES)


class _Performance:
    """One story before one server."""

    def __init__(self, crowd: Crowd, some: Some) -> None:
        self._crowd = crowd
        self._rooms = [Gathering(some.name(), crowd.join, some) for _ in range(ROOMS)]
        self._browsers: dict[str, Client] = {}

    async def perform(self, actions: list[Action]) -> None:
        """Do what can be done of `actions`; what makes no sense just then is passed over."""
        for action in actions:
            with given(str(action)):
                await self._do(action)
        for people in self._rooms:
            if people.watchers:
                await people.all_know()

    async def _do(self, action: Action) -> None:
        if isinstance(action, Enter):
            await self._enter(action)
            return
        if isinstance(action, OpenPage):
            browser = await self._browser(action.who, action.room)
            await self._crowd.opens(browser, self._rooms[action.room].room)
            return
        tabs = [(people, tab) for people in self._rooms for tab in people.watchers]
        if not tabs:
            return
        people, tab = tabs[action.tab % len(tabs)]
        if isinstance(action, SendBadFrame):
            await tab.send("{")
            tab.expects(Error("not_json"), await tab.next(Error("not_json")))
        elif len(people.watchers) > 1:  # else nobody is there who would be shown it
            await people.goes(tab, tab.drop if action.drops else tab.leave)
            await people.all_know()

    async def _enter(self, action: Enter) -> None:
        people, who = self._rooms[action.room], action.who
        if who == PEOPLE[-1]:
            await people.enters(who, object())
        else:
            browser = await self._browser(who, action.room)
            await people.enters(who, who, self._crowd.tab_of(browser))
        await (people.all_know() if action.speaks else people.all_come_to_see())

    async def _browser(self, who: str, room: int) -> Client:
        if who not in self._browsers:
            self._browsers[who] = await self._crowd.browser(who, self._rooms[room].room)
        return self._browsers[who]
