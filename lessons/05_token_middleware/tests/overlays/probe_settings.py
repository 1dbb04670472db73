"""The project's own settings, with a probe under every hand-over of a scope, and a gate before all.

The probe answers a handshake with a header that names the keys which were changed in a scope after
it was handed over. The gate holds those who send `X-Together: N` until N have come.
"""

import asyncio

from channels.middleware import BaseMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter

from config.settings import *


def _probe(app):
    async def probed(scope, receive, send):
        before = dict(scope)

        async def send_changed(message):
            changed = sorted(
                key
                for key in scope.keys() | before.keys()
                if scope.get(key, _probe) is not before.get(key, _probe)
            )
            if message["type"] == "websocket.accept" and changed:
                header = (b"x-scope-changed", ", ".join(changed).encode())
                message = {**message, "headers": [*message.get("headers", []), header]}
            await send(message)

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
