"""The project's own settings, with a probe under every hand-over of a scope, and a gate before all.

The probe remembers a scope as it was handed over. Once something in it is another, it says so to
the client, in a frame of a type of its own. The gate holds those who send `X-Together: N` until N
have come.
"""

import asyncio
import json

from channels.middleware import BaseMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from django.utils.functional import LazyObject, empty

from config.settings import *


def _remembered(value):
    """Return a copy of all that can be changed in place; of the rest, the thing itself."""
    if type(value) is dict:
        return {key: _remembered(inner) for key, inner in value.items()}
    if type(value) in (list, tuple):
        return [_remembered(inner) for inner in value]
    # Whoever asks first has it looked up. Who was known already stays who it was.
    if isinstance(value, LazyObject):
        return value, value.__dict__.get("_wrapped", empty)
    return value


def _is_as_it_was(value, remembered):
    if type(value) is dict:
        return (
            type(remembered) is dict
            and value.keys() == remembered.keys()
            and all(_is_as_it_was(value[key], remembered[key]) for key in value)
        )
    if type(value) in (list, tuple):
        return (
            type(remembered) is list
            and len(value) == len(remembered)
            and all(map(_is_as_it_was, value, remembered))
        )
    if isinstance(value, LazyObject):
        if type(remembered) is not tuple or remembered[0] is not value:
            return False
        known = remembered[1]
        return known is empty or value.__dict__.get("_wrapped", empty) is known
    return value is remembered


def _probe(app):
    async def probed(scope, receive, send):
        values, remembered = dict(scope), _remembered(dict(scope))

        async def send_changed(message):
            await send(message)
            changed = sorted(
                key
                for key in scope.keys() | values.keys()
                if key not in scope
                or scope[key] is not values.get(key, _probe)
                or not _is_as_it_was(scope[key], remembered[key])
            )
            if changed and message["type"] in ("websocket.accept", "websocket.send"):
                text = json.dumps({"type": "scope_changed", "keys": changed})
                await send({"type": "websocket.send", "text": text})

        return await app(scope, receive, send_changed)

    return probed


def _probed_router(self, routes, create=URLRouter.__init__):
    create(self, routes)
    for route in routes:
        # A consumer may do with its scope what it likes: nobody is inside of it.
        if not hasattr(route.callback, "consumer_class"):
            route.callback = _probe(route.callback)


def _probed_middleware(self, inner, create=BaseMiddleware.__init__):
    create(self, _probe(inner))


_waiting = {}


async def _gate(self, scope, receive, send, call=ProtocolTypeRouter.__call__):
    for name, value in scope.get("headers", []):
        if name == b"x-together":
            number = int(value)
            _waiting.setdefault(number, []).append(arrival := asyncio.Event())
            if len(_waiting[number]) == number:
                for event in _waiting.pop(number):
                    event.set()
            await arrival.wait()
    return await call(self, scope, receive, send)


URLRouter.__init__ = _probed_router
BaseMiddleware.__init__ = _probed_middleware
ProtocolTypeRouter.__call__ = _gate
