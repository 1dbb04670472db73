"""The doorkeeper: one thread asks the database, the event loop waits for it."""

from channels.db import database_sync_to_async

from .credentials import BadCredential, read_credential
from .identity import identify
from .refusal import UNAUTHORIZED, UNAUTHORIZED_FRAME


class KnownVisitorsOnly:
    """Passes on whoever can say who they are, as `scope["user"]`; refuses everybody else."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        user = await database_sync_to_async(find_visitor)(scope)
        if user is not None:
            await self.app(scope | {"user": user}, receive, send)
            return
        for message in [
            {"type": "websocket.accept"},
            {"type": "websocket.send", "text": UNAUTHORIZED_FRAME},
            {"type": "websocket.close", "code": UNAUTHORIZED},
        ]:
            await send(message)


def find_visitor(scope):
    """Return the user who comes, None for a stranger."""
    try:
        credential = read_credential(scope["headers"], scope["query_string"])
    except BadCredential:
        return None
    if credential is None:
        return scope["user"] if scope["user"].is_authenticated else None
    return identify(credential, scope["url_route"]["kwargs"]["room"])
