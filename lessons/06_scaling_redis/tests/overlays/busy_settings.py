"""The project's own settings, for a process that stands still when it is asked to.

A request with `X-Still-Until: PORT` waits on that loopback port until it is let go. In the event
loop, on purpose: nothing else goes on in the process meanwhile.
"""

import socket

from django.utils.decorators import async_only_middleware

from config.settings import *

MIDDLEWARE = ["busy_settings.stand_still", *MIDDLEWARE]


@async_only_middleware
def stand_still(get_response):
    async def middleware(request):
        if port := request.headers.get("X-Still-Until"):
            with socket.create_connection(("127.0.0.1", int(port))) as gate:
                gate.recv(1)
        return await get_response(request)

    return middleware
