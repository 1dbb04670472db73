async def __call__(self, scope, receive, send):
    # Whoever reads slowly is waited for, without end. Your turn.
    await self.app(scope, receive, send)
