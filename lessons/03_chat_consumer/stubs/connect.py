async def connect(self):
    # Answers every tab with the error frame, then hangs up. Your turn.
    await self.accept()
    await self.send(error_frame("not_written"))
    await self.close()
