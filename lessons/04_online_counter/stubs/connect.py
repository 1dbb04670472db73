async def connect(self):
    room = self.scope["url_route"]["kwargs"]["room"]
    if not is_room_name(room):
        await self.accept()
        await self.send(error_frame("bad_room"))
        await self.close(ROOM_REFUSED)
        return
    self.group = group_name(room)
    await self.channel_layer.group_add(self.group, self.channel_name)
    await self.accept()
    # Lesson 03's `connect` ends here: nobody is counted yet. Your turn.
    await self.send(error_frame("not_written"))
