def begin_heartbeat(self):
    """Begin to renew this tab's presence, beside all else that the consumer does."""
    self.heartbeat = asyncio.create_task(self.beat())


async def beat(self):
    # Beats only once, and renews nothing. Your turn.
    await self.send(error_frame("not_written"))


def end_heartbeat(self):
    """End that with the connection."""
