async def connect(self):
    # Turned away at the door, and not told why.
    await self.close()
