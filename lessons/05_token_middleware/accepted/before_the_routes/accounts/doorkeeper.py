"""The doorkeeper before all routes: whoever is not known does not get as far as any of them."""

import json
import re
from urllib.parse import unquote_plus

from channels.middleware import BaseMiddleware

from .identity import owner_of_ticket, owner_of_token

_ROOM = re.compile(r"/ws/chat/([^/]+)/")

REFUSED = json.dumps({"type": "error", "code": "unauthorized", "detail": "This is not for you."})


class Bad(Exception):
    """It cannot be good."""


class Doorkeeper(BaseMiddleware):
    async def __call__(self, scope, receive, send):
        try:
            user = await who_is_it(scope)
        except Bad:
            user = None
        if user is None or not user.is_authenticated:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": REFUSED})
            await send({"type": "websocket.close", "code": 4401, "reason": "unauthorized"})
            return None
        # BaseMiddleware makes a copy of the scope before it goes on.
        return await super().__call__(dict(scope, user=user), receive, send)


async def who_is_it(scope):
    """Return a user, AnonymousUser or None; raise Bad."""
    shown = [("token", value) for name, value in scope["headers"] if name == b"authorization"]
    for part in scope["query_string"].split(b"&"):
        name, _, value = part.partition(b"=")
        if unquote_plus(name.decode("ascii", "replace")) == "ticket":
            shown.append(("ticket", value))
    match shown:
        case []:
            return scope["user"]
        case [("token", value)]:
            return await owner_of_token(secret_of_header(value))
        case [("ticket", value)]:
            room = _ROOM.fullmatch(scope["path"])
            ticket = unquote_plus(value.decode("ascii", "replace"))
            return await owner_of_ticket(ticket, room[1]) if room and ticket else None
    raise Bad


def secret_of_header(value):
    """Return the token in an `Authorization` header; raise Bad."""
    found = re.fullmatch(rb"bearer +(\S+)", value, re.IGNORECASE)
    if found is None:
        raise Bad
    return found[1].decode("latin-1")
