"""The doorkeeper as a function that takes an application and returns another."""

import json

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict

from .credentials import BadCredential, Credential, read_authorization
from .identity import identify
from .refusal import UNAUTHORIZED, UNAUTHORIZED_ERROR


def known_visitors_only(app):
    """Return `app` with a door before it."""

    async def door(scope, receive, send):
        try:
            user = await find_visitor(scope)
        except (BadCredential, SuspiciousOperation):
            user = None
        if user is None:
            return await refuse(receive, send)
        return await app(dict(scope, user=user), receive, send)

    return door


async def find_visitor(scope):
    credentials = list(read_credentials(scope))
    if len(credentials) > 1:
        raise BadCredential
    for credential in credentials:
        return await identify(credential, scope["url_route"]["kwargs"]["room"])
    user = scope.get("user", AnonymousUser())
    # A lazy object of Channels: whoever uses it in a thread wants what it stands for.
    return await database_sync_to_async(lambda: user if user.pk else None)()


def read_credentials(scope):
    for name, value in scope["headers"]:
        if name == b"authorization":
            yield read_authorization(value.decode("latin-1"))
    for ticket in QueryDict(scope["query_string"]).getlist("ticket"):
        yield Credential("ticket", ticket)


async def refuse(receive, send):
    """Speak ASGI by hand."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": json.dumps(UNAUTHORIZED_ERROR)})
    await send({"type": "websocket.close", "code": UNAUTHORIZED})
