"""Where errors are provoked: a Django without a folder, a server on loopback, a client that tells.

Whatever a server or Django logs is printed as its level and its text; of a traceback, its last line.
"""

import asyncio
import contextlib
import logging
import socket
import traceback
import warnings
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

#: What `uvicorn` always says, and what is no part of any error.
_USUAL = ("Started server", "Waiting for", "Uvicorn running", "Shutting down", "Finished server")
_USUAL += ("connection open", "connection closed", "ASGI 'lifespan'")

urlpatterns: list[Any] = []  # of the Django here: it has no pages


def project(**settings: Any) -> None:
    """Set Django up with these settings, and a few that every project has."""
    import django
    from django.conf import settings as django_settings

    usual: dict[str, Any] = {
        "SECRET_KEY": "of the playground, where there is nothing to protect",
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "ROOT_URLCONF": "playground",
        "INSTALLED_APPS": ["django.contrib.contenttypes", "django.contrib.auth"],
        "DATABASES": {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": "file:playground?mode=memory&cache=shared",
            }
        },
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "CHANNEL_LAYERS": {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
        "LOGGING_CONFIG": None,
    }
    django_settings.configure(**usual | settings)
    django.setup()


def cities() -> Any:
    """Return a model with a table in a database in memory."""
    project()
    from django.db import connection, models

    class City(models.Model):
        name = models.CharField(max_length=50, unique=True)

        class Meta:
            app_label = "waiting"

    with connection.schema_editor() as editor:
        editor.create_model(City)
    return City


class Printed(logging.Handler):
    """Prints what is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().strip()
        if text.startswith(_USUAL):
            return
        print(f"{record.levelname}: {text}")
        if record.exc_info and record.exc_info[1]:
            print("".join(traceback.format_exception_only(record.exc_info[1])).strip())


def print_logs(level: int = logging.INFO) -> None:
    """Print what the servers, Django and asyncio log, and warnings, as short as it gets."""
    for name in ("uvicorn.error", "django", "channels", "channels_redis", "asyncio", "daphne"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [Printed()], False
        logger.setLevel(level)
    warnings.simplefilter("always")
    warnings.showwarning = lambda message, category, *_where, **_more: print(
        f"{category.__name__}: {message}"
    )


@contextlib.asynccontextmanager
async def served(application: Any, **options: Any) -> AsyncIterator[str]:
    """Serve an ASGI application with uvicorn; give its WebSocket address."""
    listener = socket.create_server(("127.0.0.1", 0))
    options = {"log_config": None, "lifespan": "off", "interface": "asgi3"} | options
    server = uvicorn.Server(uvicorn.Config(application, **options))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        logging.disable()  # whatever an application says of its end is no part of the error
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        listener.close()


async def talk(url: str, *frames: str | bytes, **options: Any) -> None:
    """Connect, send the frames, and print what the client sees until the connection ends."""
    try:
        async with connect(url, proxy=None, **options) as tab:
            for frame in frames:
                await tab.send(frame)
            while True:
                print(f"client: receives {await tab.recv()}")
    except InvalidStatus as refused:
        print(f"client: {refused}")
    except ConnectionClosed as closed:
        print(f"client: {type(closed).__name__}: {closed}")


async def asked(application: Any, *frames: str | bytes, **options: Any) -> None:
    """Serve an application to one client."""
    async with served(application) as url:
        await talk(url, *frames, **options)
