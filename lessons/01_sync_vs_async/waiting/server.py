"""How this process serves requests, for the page to say."""

import secrets
import threading

#: Another one after each start of the process.
BOOT = secrets.token_hex(4)


def describe(request):
    """Return in a few words how requests are served; for a sync view, in the request's thread."""
    if hasattr(request, "scope"):
        return "ASGI, one event loop"
    # A server with threads gives each request a new one; one without stays in that of its start.
    if threading.current_thread().name in ("MainThread", "django-main-thread"):
        return "WSGI, one thread for all"
    return "WSGI, a thread for each request"
