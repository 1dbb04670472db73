async def chat_announcement(self, event):
    await self.send(error_frame("not_written"))
