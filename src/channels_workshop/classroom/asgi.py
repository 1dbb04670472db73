"""The classroom as an ASGI application: pages, panel, and the panel's WebSocket."""

from typing import Any

from django.conf import settings

from . import settings as ours
from .classroom import Classroom


def application_for(classroom: Classroom) -> Any:
    """Return the application that shows `classroom`, which it opens and closes (lifespan).

    Views and consumers find it as `scope["classroom"]`.
    """
    # Not by DJANGO_SETTINGS_MODULE: the learner's project, a child of this process, has its own.
    if not settings.configured:
        settings.configure(**{name: getattr(ours, name) for name in dir(ours) if name.isupper()})

    from channels.routing import ProtocolTypeRouter, URLRouter
    from channels.security.websocket import AllowedHostsOriginValidator
    from django.core.asgi import get_asgi_application

    django = get_asgi_application()

    from .lifespan import lifespan
    from .urls import websocket_urlpatterns

    router = ProtocolTypeRouter(
        {
            "http": django,
            "websocket": AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns)),
            "lifespan": lifespan,
        }
    )

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await router({**scope, "classroom": classroom}, receive, send)

    return application
