async def tell_room(self):
    """Have everyone in the room shown the count, this tab too."""
    # Shows it to this tab alone. Your turn.
    await self.send(count_frame(*presence.online(self.group)))
