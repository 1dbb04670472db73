"""A tab's membership of a room: the only module that speaks to the channel layer."""

from .rooms import group_of


class Membership:
    """One tab's place in the group of one room, from `begin` to `end`."""

    def __init__(self, layer, channel, room):
        self.layer = layer
        self.channel = channel
        self.group = group_of(room)

    async def begin(self):
        await self.layer.group_add(self.group, self.channel)

    async def end(self):
        await self.layer.group_discard(self.group, self.channel)

    async def tell_everyone(self, message):
        """Send `message` to every member, this one too; each gets it in `room_said`."""
        await self.layer.group_send(self.group, {"type": "room.said", "message": message})
