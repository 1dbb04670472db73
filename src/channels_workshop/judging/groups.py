"""Group membership, read from outside: the observed server shows it on a path of its own."""

import asyncio
from collections.abc import Collection, Mapping
from pathlib import Path

from ..language import Message, counted, message
from .client import Client
from .mismatch import Mismatch, RanOut
from .timeline import Timeline, shortened


def laid_over(*patterns: str) -> dict[str, str]:
    """Return those of the files in `overlays` that are meant, texts by name."""
    folder = Path(__file__).with_name("overlays")
    found = [path for pattern in patterns for path in folder.glob(pattern)]
    return {path.name: path.read_text(encoding="utf-8") for path in found}


#: What is laid over the observed project, texts by name.
OVERLAY = laid_over("observed_*.py", "side_door.py")
#: The settings that it brings, and what it puts in front of the project.
SETTINGS, DOOR = "observed_settings", "observed_groups:door"
_PATH = "/.groups/"
#: So often we look at least, however long that takes.
_LOOKS = 25


class NotObserved(Mismatch):
    """The server runs with other settings than those that it was told to use."""

    def __init__(self) -> None:
        super().__init__(
            message("the project uses the settings that DJANGO_SETTINGS_MODULE names"),
            message("it uses others: are they named in config/asgi.py itself?"),
        )


class Groups:
    """The groups of the observed server, as its visitor's connections should fill them."""

    def __init__(self, visitor: Client) -> None:
        self._visitor = visitor
        # Not in the story of the check: what is asked here, no browser asks.
        self._client = Client(visitor.server, Timeline(), patience=visitor.patience)

    async def forget(self) -> None:
        """Let all groups be empty: somebody of an earlier check may never have been discarded."""
        await self._ask(_PATH + "?forget")

    async def sizes(self) -> dict[str, int]:
        """Return how many channels each group holds, by its name; an empty group is not there."""
        return {name: size for name, size in (await self._ask(_PATH)).items() if size}

    async def _ask(self, path: str) -> Mapping[str, int]:
        response = await self._client.get(path)
        try:
            sizes = response.json()
        except ValueError:
            raise NotObserved from None
        if not isinstance(sizes, dict) or not all(type(size) is int for size in sizes.values()):
            raise NotObserved
        return sizes

    async def become(self, *members: int, when: Message | None = None) -> None:
        """Wait until there are as many groups as `members` has numbers, of just those sizes.

        `when` says at which moment, where a check looks more than once. Raises RanOut if that does
        not come while patience lasts, Closed as soon as the server hangs up on somebody. A server
        is free to touch the group before or after its answer to a handshake or a close, so this
        looks again; how often it looks has no say in the verdict.
        """
        expected = sorted(members)
        sizes = await self._until(expected)
        if (actual := sorted(sizes.values())) != expected:
            raise RanOut(_listed(expected, when), _listed(actual, when))

    async def gain(self, name: str, owners: dict[str, str]) -> None:
        """Wait until there is one more group than `owners` has, with one member: that of `name`.

        `owners` says whose each group is; `name` is added. Raises as `become` does; where `name`
        shares its group, the RanOut says with whom.
        """
        expected = [1] * (len(owners) + 1)
        sizes = await self._until(expected)
        if sorted(sizes.values()) == expected:
            owners |= {group: name for group in sizes if group not in owners}
            return
        raise RanOut(
            has_its_own(name),
            _place_of(name, sizes, owners),
            given=name,
        )

    async def _until(self, expected: Collection[int]) -> dict[str, int]:
        """Return the sizes once they are those, or when patience ends."""
        patience = self._visitor.patience
        deadline = asyncio.get_running_loop().time() + patience.seconds
        looks = 0
        while sorted((sizes := await self.sizes()).values()) != expected:
            looks += 1
            # A machine that stalls lets time pass, and us look seldom.
            if looks > _LOOKS and asyncio.get_running_loop().time() > deadline:
                patience.ran_out()
                break
            if expected:  # where nobody is to be in a group, all may have been turned away
                await self._visitor.still_connected(_listed(expected))
            await asyncio.sleep(0.01)
        return sizes

    async def close(self) -> None:
        """Let the connection go."""
        await self._client.leave()


def has_its_own(name: str) -> Message:
    """Return the sentence that `name` has a group to itself."""
    return message("“{name}” has a group of its own", name=shortened(name, 40))


def _place_of(name: str, sizes: Mapping[str, int], owners: Mapping[str, str]) -> Message:
    shared = [owners.get(group) for group, size in sizes.items() if size > 1]
    if shared and shared[0]:
        other = shortened(shared[0], 40)
        return message(
            "“{name}” is in the group of “{other}”", name=shortened(name, 40), other=other
        )
    if len(sizes) == len(owners):
        return message("“{name}” is in no group", name=shortened(name, 40))
    return _listed(sorted(sizes.values()))


def _listed(sizes: Collection[int], when: Message | None = None) -> Message:
    if when is not None:
        return message("{when}: {what}", when=when, what=_listed(sizes))
    if not sizes:
        return message("no group has any member")
    return counted(
        "{count} group, members: {members}",
        "{count} groups, members in each: {members}",
        len(sizes),
        members=", ".join(map(str, sizes)),
    )
