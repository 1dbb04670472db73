"""What `up` serves, as an ASGI application: pages, panel, and the panel's WebSocket."""

import asyncio
from contextlib import AbstractContextManager
from typing import Any

import django
from django.conf import settings

from . import settings as ours
from .controller import Controller


def set_up_django() -> None:
    """Have Django, in this process, be that of the panel."""
    # Not by DJANGO_SETTINGS_MODULE: the learner's project, a child of this process, has its own.
    if not settings.configured:
        settings.configure(**{name: getattr(ours, name) for name in dir(ours) if name.isupper()})
        django.setup()


def application_for(controller: Controller, beside: AbstractContextManager[None]) -> Any:
    """Return the application that shows `controller`, which runs while the server does.

    So long, `beside` is entered too. Views and consumers find it as `scope["controller"]`.
    """
    set_up_django()

    from channels.routing import ProtocolTypeRouter, URLRouter
    from channels.security.websocket import AllowedHostsOriginValidator
    from django.core.asgi import get_asgi_application

    pages = get_asgi_application()

    from .consumers import Announcer
    from .urls import websocket_urlpatterns

    async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        with beside:
            controller.listeners.append(Announcer())
            running = asyncio.create_task(controller.run())
            await send({"type": "lifespan.startup.complete"})
            await receive()
            controller.stop()
            await asyncio.wait([running])
        await send({"type": "lifespan.shutdown.complete"})

    router = ProtocolTypeRouter(
        {
            "http": pages,
            "websocket": AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns)),
            "lifespan": lifespan,
        }
    )

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await router({**scope, "controller": controller}, receive, send)

    return application
