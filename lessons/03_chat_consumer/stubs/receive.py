async def receive(self, text_data=None, bytes_data=None):
    await self.send(error_frame("not_written"))
