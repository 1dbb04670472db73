async def chat_message(self, event):
    await self.send(error_frame("not_written"))
