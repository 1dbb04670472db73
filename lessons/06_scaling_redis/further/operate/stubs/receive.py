async def receive(self, text_data=None, bytes_data=None):
    try:
        message = read_message(text_data)
    except BadFrame as error:
        await self.send(error_frame(error.code))
        return
    event = {"type": "chat.message", "message": message, "user": self.person}
    # As in lesson 06. While Redis is away this raises, which ends the connection. Your turn.
    await self.channel_layer.group_send(self.group, event)
