async def receive_json(self, content):
    await self.send_json({"type": "error", "code": "not_written"})
