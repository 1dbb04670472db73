"""The doorkeeper of a WebSocket route: who is it, and may they come in?"""

from .credentials import BadCredential, read_credential
from .identity import identify
from .refusal import UNAUTHORIZED, UNAUTHORIZED_FRAME


# --8<-- [start:stranger]
async def refuse(scope, receive, send):
    """The application that strangers get in the place of the chat."""
    # Accepted first: before that, a close is HTTP 403, and a browser sees no code.
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": UNAUTHORIZED_FRAME})
    await send({"type": "websocket.close", "code": UNAUTHORIZED})


# --8<-- [end:stranger]


class KnownVisitorsOnly:
    """Passes on whoever can say who they are, as `scope["user"]`; refuses everybody else.

    It stands inside of `AuthMiddlewareStack`, around one route whose path names a room.
    """

    def __init__(self, app):
        self.app = app

    # --8<-- [start:call]
    async def __call__(self, scope, receive, send):
        user = await self.find_visitor(scope)
        if user is None:
            await refuse(scope, receive, send)
            return
        # A copy: the scope that we were given is not ours alone.
        await self.app({**scope, "user": user}, receive, send)

    async def find_visitor(self, scope):
        """Return the user who comes, None for a stranger."""
        try:
            credential = read_credential(scope["headers"], scope["query_string"])
        except BadCredential:
            return None
        if credential is None:
            user = scope["user"]
            return user if user.is_authenticated else None
        # What is shown must be good, whoever the session belongs to.
        return await identify(credential, scope["url_route"]["kwargs"]["room"])

    # --8<-- [end:call]
