"""A channel layer in memory that shows who is in which group, and does what real ones do at times.

It fails, takes its time, and lets one event overtake another; always in the same way. Nothing is
serialised: an event may hold whatever the in-memory layer takes. The checks speak to it over HTTP.
"""

import asyncio
import itertools
from contextlib import suppress

import passing_clock
from channels.layers import InMemoryChannelLayer, get_channel_layer
from side_door import side_door


class Away(Exception):
    """The channel layer cannot be reached: the check wants to see what happens then."""


#: An event in whose place `receive` raises.
_BREAKS = "this.check.breaks.receive"


class WatchedLayer(InMemoryChannelLayer):
    def __init__(self, **config):
        super().__init__(**config)
        self.failing = set()
        self.slow = False
        self._held_for = 0.0  # seconds
        self._turns = itertools.cycle(range(0, 30, 7))
        self._held = {}
        self._stuck, self._stuck_at_most, self._stuck_now, self._goes_on = (
            0,
            0.0,
            0,
            asyncio.Event(),
        )

    def behave(self, failing=(), slow=None):
        """Have the calls `failing` raise, and an event wait `slow` seconds; what waited goes on."""
        self.failing = set(failing)
        self.slow = slow is not None
        self._held_for = float(slow or 0)
        for overtaken in self._held.values():
            overtaken.set()
        self._held.clear()

    def stick(self, number, seconds):
        """Have so many `group_add`s to come wait, at most so many `seconds`, and then raise.

        With a number of 0 those that wait go on.
        """
        self._stuck, self._stuck_at_most = number, seconds
        if not number:
            self._goes_on.set()
            self._goes_on = asyncio.Event()

    @property
    def waiting(self):
        """How many calls wait just now: those that are stuck, and events to be overtaken."""
        return self._stuck_now + len(self._held)

    async def receive(self, channel):
        event = await super().receive(channel)
        if event.get("type") == _BREAKS:
            raise Away("receive fails: this check takes the channel layer away from this tab.")
        return event

    async def group_add(self, group, channel):
        if self._stuck:
            await self._be_stuck()
        await self._begin("group_add")
        await super().group_add(group, channel)

    async def group_discard(self, group, channel):
        await self._begin("group_discard")
        await super().group_discard(group, channel)

    async def group_send(self, group, message):
        await self._begin("group_send")
        if not self.slow:
            await super().group_send(group, message)
        elif group in self._held:
            overtaken = self._held.pop(group)
            try:
                await super().group_send(group, message)
            finally:
                overtaken.set()
        else:
            await self._be_overtaken(group)
            await super().group_send(group, message)

    async def _be_stuck(self):
        self._stuck -= 1
        self._stuck_now += 1
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._stuck_at_most):
                    await self._goes_on.wait()
        finally:
            self._stuck_now -= 1
        raise Away("group_add fails, late: this check takes the channel layer away for a moment.")

    async def _begin(self, call):
        if call in self.failing:
            raise Away(f"{call} fails: this check takes the channel layer away for a moment.")
        if self.slow:
            # Each consumer's own calls keep their order, since it awaits them.
            for _turn in range(next(self._turns)):
                await asyncio.sleep(0)

    async def _be_overtaken(self, group):
        overtaken = self._held[group] = asyncio.Event()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._held_for):
                await overtaken.wait()
                return
        if self._held.get(group) is overtaken:
            del self._held[group]
        else:  # somebody is about to
            await overtaken.wait()


async def _answer(path, given):
    layer = get_channel_layer()
    match path:
        case "members":
            return {group: [*channels] for group, channels in layer.groups.items()}
        case "behave":
            layer.behave(given.get("failing", ()), *given.get("slow", ()))
        case "break":
            # No consumer has a handler for it: Channels raises in the consumer.
            event = _BREAKS if "receive" in given else "this.check.breaks.the.consumer"
            await layer.send(given["channel"][0], {"type": event})
        case "stick":
            layer.stick(int(given["number"][0]), float(given["seconds"][0]))
        case "waiting":
            return {"waiting": ["call"] * layer.waiting}
        case "pass":
            await passing_clock.let_pass(float(given["seconds"][0]))
    return {}


#: Where the checks speak to it.
door = side_door("/.watched/", "watched_settings", _answer)
