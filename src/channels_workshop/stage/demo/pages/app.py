"""The stage as an ASGI application: it runs a theatre for as long as the server runs."""

from typing import Any

from ...pages.application import application_while, set_up_django
from . import settings as ours
from .performance import Performance


def application_for(performance: Performance, host: str = "") -> Any:
    """Return the application that shows `performance`: views and consumers find it in their scope.

    `host` is one more name that it answers to.
    """
    set_up_django(ours, filter(None, [host]))

    from channels.routing import URLRouter
    from channels.security.websocket import AllowedHostsOriginValidator

    from .urls import websocket_urlpatterns

    guarded = AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns))
    return application_while(performance, guarded, performance=performance)
