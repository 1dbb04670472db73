"""Who is here: one keeper for each room, a task that takes notes and tells everyone, in turn.

Nothing but the keeper touches the notes, so there is no order that could get lost.
"""

import asyncio

from channels.layers import get_channel_layer


class Keeper:
    """The task of one room. It ends when the room is empty."""

    here = {}  # group: its keeper

    def __init__(self, group):
        self.group = group
        self.people = {}  # tab: person
        self.notes = asyncio.Queue()
        self.task = asyncio.create_task(self.work())

    async def work(self):
        while True:
            tab, person, done = await self.notes.get()
            if person is None:
                self.people.pop(tab, None)
            else:
                self.people[tab] = person
            try:
                await self.tell()
                done.set_result(None)
            except Exception as error:
                done.set_exception(error)
            if not self.people and self.notes.empty():
                del self.here[self.group]
                return

    async def tell(self):
        people, tabs = len(set(self.people.values())), len(self.people)
        event = {"type": "count", "people": people, "tabs": tabs}
        await get_channel_layer().group_send(self.group, event)


async def note(group, tab, person):
    """Have it noted whose a tab is, None if it is gone; return once everybody has been told."""
    if group not in Keeper.here:
        Keeper.here[group] = Keeper(group)
    done = asyncio.get_running_loop().create_future()
    Keeper.here[group].notes.put_nowait((tab, person, done))
    await done
