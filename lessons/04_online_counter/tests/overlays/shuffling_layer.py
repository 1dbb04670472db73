"""A channel layer in memory whose calls take a few turns of the event loop, as a network would.

What two consumers begin one after the other may be done the other way round. Each consumer's own
calls keep their order, since it awaits them.
"""

import asyncio
import random

from channels.layers import InMemoryChannelLayer


class ShufflingLayer(InMemoryChannelLayer):
    async def group_add(self, group, channel):
        await _a_few_turns()
        await super().group_add(group, channel)

    async def group_discard(self, group, channel):
        await _a_few_turns()
        await super().group_discard(group, channel)

    async def group_send(self, group, message):
        await _a_few_turns()
        await super().group_send(group, message)


async def _a_few_turns():
    for _turn in range(random.randrange(30)):
        await asyncio.sleep(0)
