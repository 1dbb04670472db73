"""A channel layer in memory that shows who is in which group, and does what real ones do at times.

It fails, takes its time, and lets one event overtake another; always in the same way. Nothing is
serialised: an event may hold whatever the in-memory layer takes. The checks speak to it over HTTP.
"""

import asyncio
import itertools
from contextlib import suppress

import watched_clock
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.http import JsonResponse
from django.utils.decorators import async_only_middleware

#: Where the checks speak to it; no project has a page there.
PREFIX = "/.watched/"
#: Seconds for which an event waits to be overtaken by the next one.
_HELD = 0.02


class Away(Exception):
    """The channel layer cannot be reached: the check wants to see what happens then."""


class WatchedLayer(InMemoryChannelLayer):
    def __init__(self, **config):
        super().__init__(**config)
        self.failing = set()
        self.slow = False
        self._turns = itertools.cycle(range(0, 30, 7))
        self._held = {}

    async def group_add(self, group, channel):
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
            async with asyncio.timeout(_HELD):
                await overtaken.wait()
                return
        if self._held.get(group) is overtaken:
            del self._held[group]
        else:  # somebody is about to
            await overtaken.wait()


@async_only_middleware
def answer(get_response):
    async def middleware(request):
        if not request.path.startswith(PREFIX):
            return await get_response(request)
        layer, given = get_channel_layer(), request.GET
        match request.path.removeprefix(PREFIX):
            case "members":
                members = {group: [*channels] for group, channels in layer.groups.items()}
                return JsonResponse(members)
            case "behave":
                layer.failing = set(given.getlist("failing"))
                layer.slow = "slow" in given
            case "break":
                # No consumer has a handler for it: Channels raises in the consumer.
                await layer.send(given["channel"], {"type": "this.check.breaks.the.consumer"})
            case "pass":
                await watched_clock.let_pass(float(given["seconds"]))
        return JsonResponse({})

    return middleware
