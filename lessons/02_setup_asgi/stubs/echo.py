async def receive(self, text_data=None, bytes_data=None):
    await self.send("This part of the lesson is not written yet.")
