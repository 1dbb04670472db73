"""An app of ours as an ASGI application, with what runs for as long as its server does."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from types import ModuleType
from typing import Any

import django
from django.conf import settings


def set_up_django(ours: ModuleType, hosts: Iterable[str] = (), **changed: object) -> None:
    """Have Django, in this process, be that of the settings `ours`, unless it is set up already.

    `hosts` are more names that it answers to, `changed` are settings that are others this time.
    """
    # Not by DJANGO_SETTINGS_MODULE: a learner's project, a child of this process, has its own.
    if not settings.configured:
        chosen = {name: getattr(ours, name) for name in dir(ours) if name.isupper()} | changed
        chosen["ALLOWED_HOSTS"] = [*ours.ALLOWED_HOSTS, *hosts]
        settings.configure(**chosen)
        django.setup()


def application_while(
    running: AbstractAsyncContextManager[Any], websockets: Any, **shown: object
) -> Any:
    """Return the application of the pages of Django's URLconf and of `websockets`.

    `running` is entered before the first request and left after the last. Views and consumers find
    in their scope what is `shown`.
    """
    from channels.routing import ProtocolTypeRouter
    from django.core.asgi import get_asgi_application

    async def lifespan(_scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        async with running:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    router = ProtocolTypeRouter(
        {"http": get_asgi_application(), "websocket": websockets, "lifespan": lifespan}
    )

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await router({**scope, **shown}, receive, send)

    return application
