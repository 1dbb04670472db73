"""The target on a channel layer that the checks look into and disturb: see `overlays/`."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from ..judging.client import Client
from ..judging.groups import OVERLAY as OF_GROUPS
from ..judging.groups import NotObserved
from ..judging.mismatch import RanOut, agreed
from ..judging.passing import CLOCK, NO_PING
from ..judging.patience import Patience
from ..judging.servers import Servers
from ..judging.timeline import Timeline
from ..language import Message, counted, message
from ..processes.project import ProjectServer

#: The files that are laid over a project, texts by name.
OVERLAY = (
    OF_GROUPS
    | CLOCK
    | {
        path.name: path.read_text(encoding="utf-8")
        for path in Path(__file__).with_name("overlays").glob("watched_*.py")
    }
)
_PREFIX = "/.watched/"
#: The settings that they bring, and what they put in front of the project.
SETTINGS, DOOR = "watched_settings", "watched_layer:door"
#: Seconds for which an event of a slow layer waits to be overtaken.
HELD = 0.02
#: Seconds that a call of the layer takes at most.
LONGEST = 1.0
#: So often it is looked whether one has begun.
_LOOKS = 40


def serve_watched(servers: Servers) -> ProjectServer:
    """Return the target on the watched layer, started once. Raises as `Servers.alongside` does.

    No ping is to go out there, since an hour may pass in a moment: see NO_PING.
    """
    return servers.alongside("watched", OVERLAY, settings=SETTINGS, in_front=DOOR)


def serve_watched_apart(servers: Servers) -> ProjectServer:
    """Return the same as `serve_watched`, with a database of its own. Raises as `variant` does.

    For a chat of one process, which may keep its roster there and take itself to be alone.
    """
    options = replace(servers.options, settings=SETTINGS, in_front=DOOR, ping_interval=NO_PING)
    return servers.variant("watched", OVERLAY, options)


class Watched:
    """The channel layer of a server, beside all that is said to the server."""

    def __init__(self, server: ProjectServer, patience: Patience) -> None:
        # Not in the story of the check: what is asked here, no browser asks.
        self._client = Client(server, Timeline(), patience=patience)
        self._patience = patience
        self._before: set[str] = set()

    async def begin(self) -> None:
        """Leave out all who are in a group now: those of the check before, who may never go."""
        self._before = await self.addresses()

    async def addresses(self) -> set[str]:
        """Return the channels that are in any group."""
        return {channel for members in (await self.groups()).values() for channel in members}

    async def groups(self) -> dict[str, set[str]]:
        """Return the channels in each group, by its name; an empty group is not there."""
        groups = await self._ask("members")
        members = {group: {*channels} - self._before for group, channels in groups.items()}
        return {group: channels for group, channels in members.items() if channels}

    async def become(self, *members: int) -> None:
        """Wait until there are as many groups as `members` has numbers, of just those sizes.

        Raises RanOut. How often it looks has no say in the verdict.
        """
        expected = sorted(members)
        deadline = self._deadline()
        while (actual := sorted(map(len, (await self.groups()).values()))) != expected:
            if asyncio.get_running_loop().time() > deadline:
                self._patience.ran_out()
                raise RanOut(_members(expected), _members(actual))
            await asyncio.sleep(0.01)

    async def are_out(self, addresses: Iterable[str]) -> None:
        """Wait until none of `addresses` is in any group. Raises RanOut."""
        gone = set(addresses)
        deadline = self._deadline()
        while still := await self.addresses() & gone:
            if asyncio.get_running_loop().time() > deadline:
                self._patience.ran_out()
                raise RanOut(message("whoever is gone is in no group"), _in_a_group(len(still)))
            await asyncio.sleep(0.01)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._patience.seconds

    async def break_consumer(self, address: str) -> None:
        """Send an event that no consumer has a handler for: Channels raises in the consumer."""
        await self._ask("break", channel=address)

    async def break_receive(self, address: str) -> None:
        """Have the layer raise in `receive`, where a consumer waits for its next event."""
        await self._ask("break", channel=address, receive="")

    @asynccontextmanager
    async def stuck(self, joins: int = 1) -> AsyncIterator[None]:
        """Have so many joins to come wait in `group_add`; it raises at the end, or after LONGEST."""
        await self._ask("stick", number=joins, seconds=LONGEST)
        try:
            yield
        finally:
            await self._ask("stick", number=0, seconds=0)

    async def has_waiting(self) -> None:
        """Return once a call of the layer waits, or nothing seems to come of it: there need be none."""
        for _look in range(_LOOKS):
            if (await self._ask("waiting"))["waiting"]:
                return

    @asynccontextmanager
    async def failing(self, *calls: str) -> AsyncIterator[None]:
        """Have these calls of the layer raise: `group_add`, `group_send`, `group_discard`."""
        await self._ask("behave", failing=[*calls])
        try:
            yield
        finally:
            await self._ask("behave")

    @asynccontextmanager
    async def slow(self, seconds: float = HELD) -> AsyncIterator[None]:
        """Have each call of the layer take its time, and events overtake each other.

        An event waits for the next one so many `seconds`, and then goes on by itself.
        """
        await self._ask("behave", slow=seconds)
        try:
            yield
        finally:
            await self._ask("behave")

    async def let_pass(self, seconds: float) -> None:
        """Let so many seconds pass for the server, in a moment."""
        await self._ask("pass", seconds=seconds)

    async def close(self) -> None:
        """Let the connection go."""
        await self._client.leave()

    async def _ask(self, what: str, **parameters: object) -> dict[str, list[str]]:
        response = await self._client.get(f"{_PREFIX}{what}", params=parameters)
        if response.status_code != 200:
            with agreed("V1"):
                raise NotObserved
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not all(map(_are_texts, answer.values())):
            with agreed("V1"):
                raise NotObserved
        return answer


def _are_texts(content: object) -> bool:
    return isinstance(content, list) and all(isinstance(text, str) for text in content)


def _in_a_group(number: int) -> Message:
    """Return the sentence that so many of those who are gone are in a group."""
    return counted(
        "{count} who is gone is in a group still",
        "{count} who are gone are in a group still",
        number,
    )


def _members(sizes: list[int]) -> Message:
    if not sizes:
        return message("no group has any member")
    return counted(
        "{count} group, members: {members}",
        "{count} groups, members in each: {members}",
        len(sizes),
        members=", ".join(map(str, sizes)),
    )
