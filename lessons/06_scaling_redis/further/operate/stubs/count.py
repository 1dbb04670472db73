async def __call__(self, scope, receive, send):
    # Nothing is counted. Your turn.
    await self.app(scope, receive, send)
