"""What `up` serves, as an ASGI application: pages, panel, and the panel's WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

from ..stage.microscope.collector import Collector
from ..stage.pages.application import application_while, set_up_django
from . import settings as ours
from .controller import Controller


def application_for(
    controller: Controller, beside: AbstractContextManager[None], collector: Collector
) -> Any:
    """Return the application that shows `controller`, which runs while the server does.

    So long, `beside` is entered too, and `collector` takes in what the project's servers tell. Views
    and consumers find it as `scope["controller"]`, and what was told as `scope["recording"]`.
    """
    set_up_django(ours)

    from channels.routing import URLRouter
    from channels.security.websocket import AllowedHostsOriginValidator

    from .consumers import Announcer
    from .urls import websocket_urlpatterns

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        with beside:
            await collector.open()
            controller.listeners.append(Announcer())
            work = asyncio.create_task(controller.run())
            yield
            controller.stop()
            await asyncio.wait([work])
            await collector.close()

    return application_while(
        running(),
        AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns)),
        controller=controller,
        recording=collector.recording,
    )
