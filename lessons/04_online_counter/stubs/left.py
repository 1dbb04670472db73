async def disconnect(self, code):
    if self.group is not None:
        await self.channel_layer.group_discard(self.group, self.channel_name)
        # Lesson 03's `disconnect` ends here: nobody is discounted yet. Your turn.
        await self.channel_layer.group_send(self.group, {"type": "not.written"})


async def not_written(self, event):
    await self.send(error_frame("not_written"))
