"""The microscope by itself: a server for its page, in a thread beside a project that is served."""

import asyncio
import signal
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ...processes.ports import address_of, listen
from ..pages.application import application_while, set_up_django
from ..serving import server_of
from . import settings as ours
from .collector import Collector
from .recording import Recording

#: The port of the page that is tried first.
PORT = 8200


class Viewer:
    """Serves the page at `address`; what servers tell `collector` is seen there. A context manager."""

    def __init__(self) -> None:
        self.collector = Collector(Recording())
        self._listener: socket.socket = listen(PORT)
        self.address = address_of(self._listener)
        self._server = server_of(application_for(self.collector))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        if hasattr(signal, "pthread_sigmask"):  # Ctrl-C is to wake the thread that waits for it
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        asyncio.run(self._server.serve(sockets=[self._listener]))

    def __enter__(self) -> "Viewer":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


def application_for(collector: Collector) -> Any:
    """Return the application that shows what `collector` takes in while it is served."""
    set_up_django(ours)

    from channels.routing import URLRouter
    from channels.security.websocket import AllowedHostsOriginValidator

    from .urls import websocket_urlpatterns

    @asynccontextmanager
    async def collecting() -> AsyncIterator[None]:
        await collector.open()
        yield
        await collector.close()

    return application_while(
        collecting(),
        AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns)),
        recording=collector.recording,
    )
