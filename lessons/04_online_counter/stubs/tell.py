async def tell_room(self, online):
    """Have everyone in the room shown that count, this tab too."""
    # Shows it to this tab alone. Your turn.
    await self.send(count_frame(online.people, online.tabs))
