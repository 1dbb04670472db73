async def disconnect(self, code):
    pass
