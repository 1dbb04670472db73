async def __call__(self, scope, receive, send):
    # Whoever comes while Redis is away gets HTTP 500. Your turn.
    await self.app(scope, receive, send)
