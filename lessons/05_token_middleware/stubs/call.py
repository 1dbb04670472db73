async def __call__(self, scope, receive, send):
    # Everybody is let in: whoever shows nothing good as the session has it, or without a name.
    # Your turn.
    try:
        credential = read_credential(scope["headers"], scope["query_string"])
    except BadCredential:
        credential = None
    if credential:
        user = await identify(credential, scope["url_route"]["kwargs"]["room"])
        if user:
            scope["user"] = user
    await self.app(scope, receive, send)
