"""In front of a project that is shared in a network: it takes the shared address for localhost.

A project on a laptop lets in `localhost` alone, by ALLOWED_HOSTS and by its check of the Origin, and a
learner may have written both. So nothing of the project is changed, nor any setting: `Host` and `Origin`
name localhost where they name the address at which this server was reached, as behind a proxy. Whoever
comes under any other name meets the project's own refusal. One page more is there: `join_page`.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from .join_page import PATH, send_join_page
from .ports import address_at

#: Names what the host is called in the network; its address is known by itself.
VARIABLE = "WORKSHOP_SHARED_AS"

_Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def as_localhost(application: _Application) -> _Application:
    """Return `application` behind such a front."""
    shared_as = os.environ.get(VARIABLE, "")

    async def in_front(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == PATH and shared_as:
            await send_join_page(address_at(shared_as, scope["server"][1]), send)
            return
        if scope["type"] in ("http", "websocket"):
            names = {shared_as, (scope.get("server") or ("",))[0]} - {""}
            headers = [(name, _as_seen(name, value, names)) for name, value in scope["headers"]]
            scope = {**scope, "headers": headers}
        await application(scope, receive, send)

    return in_front


def _as_seen(name: bytes, value: bytes, names: set[str]) -> bytes:
    if name == b"host":
        return _renamed(b"//" + value, names)[2:]
    if name == b"origin" and value.startswith((b"http://", b"https://")):
        return _renamed(value, names)
    return value


def _renamed(url: bytes, names: set[str]) -> bytes:
    """Return `scheme://host:port` with another host where it is one of `names`."""
    try:
        parts = urlsplit(url.decode("ascii"))
        host, port = parts.hostname, parts.port
    except ValueError:  # not ASCII, or no address: the project's to refuse
        return url
    given = parts.netloc.rpartition("@")[2]
    if host not in names or given != parts.netloc or parts.path or parts.query or parts.fragment:
        return url
    return parts._replace(netloc="localhost" + (f":{port}" if port else "")).geturl().encode()
