"""A rung of the ladder: the token itself in the query of the WebSocket's address."""

from urllib.parse import parse_qsl


class TokenByQuery:
    """Turns `?token=…` into the header that the doorkeeper inside reads."""

    def __init__(self, app):
        self.app = app

    # --8<-- [start:rung]
    async def __call__(self, scope, receive, send):
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        shown = [
            (b"authorization", f"Bearer {value}".encode())
            for name, value in query
            if name == "token"
        ]
        await self.app({**scope, "headers": [*scope["headers"], *shown]}, receive, send)

    # --8<-- [end:rung]
