"""What every lesson's server imports, loaded once where the system can fork.

A server forked from a process that holds these starts in a fifth of the time. Nothing of a
project is in here, and nothing that reads Django's settings while it is imported.
"""

import asyncio  # noqa: F401
import gc
import importlib
import sys

_SHARED = [
    "asgiref.sync",
    "blockbuster",
    "channels.auth",
    "channels.generic.websocket",
    "channels.layers",
    "channels.routing",
    "channels.security.websocket",
    "channels.sessions",
    "channels_redis.core",
    "channels_redis.pubsub",
    "django.contrib.auth.hashers",
    "django.contrib.auth.signals",
    "django.contrib.staticfiles.handlers",
    "django.core.asgi",
    "django.core.handlers.asgi",
    "django.core.management.commands.migrate",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "django.forms",
    "django.middleware.clickjacking",
    "django.middleware.common",
    "django.middleware.csrf",
    "django.middleware.security",
    "django.shortcuts",
    "django.template.backends.django",
    "django.urls",
    "django.utils.translation.trans_real",
    "django.views.static",
    "httpcore",
    "httpx",
    "redis.asyncio",
    "uvicorn",
    "uvicorn.lifespan.off",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
]

try:
    for name in _SHARED:
        importlib.import_module(name)
except KeyboardInterrupt:
    # Ctrl-C reaches this process as well; the parent process handles it.
    sys.exit(130)

# Nothing of this is garbage, and no forked process is to look through it again.
gc.freeze()
