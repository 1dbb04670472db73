"""The server process: loads the project that it is given, says whether that worked, and serves it.

Runs in a process of its own, started by `project`. Over the pipe come the project and its options;
what goes back is an empty text, or the traceback where the project does not load. After one more
word from there it serves, and says on which port. What goes back is JSON, of which the reader can be
sure that it is no more than a text: the project could write it too.
"""

import html
import json
import os
import sys
import traceback
import warnings
from collections.abc import Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

from .options import OWN_SETTINGS

if TYPE_CHECKING:
    from .options import ServerOptions

#: The port in the name of a server that listens on a Unix socket; its own log wants to have one.
UNIX_PORT = 8000

#: What an ordinary start and end of uvicorn print; in `up` they come with each save.
_CEREMONY = ("Started server", "Finished server", "Shutting down", "Waiting for ")


def run(pipe: Connection, listener: socket | None) -> None:
    """Be the process: load and serve what the pipe brings."""
    # Ready to serve anything: the imports are the slow half of a start.
    from . import preload  # noqa: F401

    try:
        project, environment, log, options, failure = pipe.recv()
        enter(project, environment, log)
        # Python warns of a forgotten `await` once for each line; each check wants to see it.
        warnings.filterwarnings("always", "coroutine .* was never awaited", RuntimeWarning)
        application, failure = _load(project, options, failure)
        say(pipe, failure)
        pipe.recv()
    except (EOFError, OSError, KeyboardInterrupt):  # not wanted any more
        return
    try:
        _serve(application, options, listener, pipe)
    except KeyboardInterrupt:
        pass
    except BaseException:  # the port, or something in the project that stops uvicorn itself
        say(pipe, traceback.format_exc())
        raise SystemExit(1) from None


def say(pipe: Connection, word: object) -> None:
    """Send a word to whoever started this process."""
    pipe.send_bytes(json.dumps(word).encode())


def enter(project: Path, environment: Mapping[str, str], log: Path | None = None) -> None:
    """Take on the folder of `project`, exactly this `environment`, and `log` for both outputs."""
    if log is not None:
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.close(file)
        # Both streams go to one file; a line must be there before the next one is begun.
        sys.stdout = open(1, "w", buffering=1, encoding="utf-8", closefd=False)
        sys.stderr = open(2, "w", buffering=1, encoding="utf-8", closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(project)
    sys.path.insert(0, str(project))
    # A module's cache is known by its time in whole seconds and its size: a quick second save
    # that changes one letter would be served from the first one's.
    sys.dont_write_bytecode = True


def _load(project: Path, options: "ServerOptions", failure: str) -> tuple[Any, str]:
    """Return the project's application and an empty text, else a page and the traceback."""
    try:
        if failure:
            return _failure_page(options, failure), failure
        if options.refuses_blocking:
            _refuse_blocking_calls()  # before the project can take `sleep` out of `time`
        in_front = [_named(name) for name in options.in_front.split()]
        _prepare_database(project, options)
        application = _named(options.application)
        for around in in_front:
            application = around(application)
        _load_urls()
    except KeyboardInterrupt:
        raise
    except BaseException:  # SystemExit too: a project may raise anything while it is imported
        failure = traceback.format_exc()
        return _failure_page(options, failure), failure
    return application, ""


def _named(name: str) -> Any:
    """Return what `module:attribute` names."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


def _load_urls() -> None:
    """Import the URLconf, and with it the views: Django itself would wait for the first request."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns


def _prepare_database(project: Path, options: "ServerOptions") -> None:
    if not options.migrate and not options.demo:
        return
    import django
    from django.core.management import call_command, get_commands

    from .migrated import migrate

    is_named = "DJANGO_SETTINGS_MODULE" in os.environ
    settings = os.environ.setdefault("DJANGO_SETTINGS_MODULE", OWN_SETTINGS)
    django.setup()
    if options.migrate:
        migrate(project, settings, options.databases)
    if options.demo and "demo" in get_commands():
        call_command("demo")
    if not is_named:
        del os.environ["DJANGO_SETTINGS_MODULE"]
    _forget_settings()


def _forget_settings() -> None:
    """Let the project choose its settings itself, as before any server; for the database we did."""
    from django.conf import settings
    from django.utils.functional import empty

    settings._wrapped = empty


#: What blocks for as long as somebody else likes. Files are not among them: Django itself reads a
#: template, and httpx the certificates, wherever they are asked to.
_BLOCKING = ("time.", "socket.", "ssl.", "sqlite3.")


def _refuse_blocking_calls() -> None:
    from blockbuster import BlockBuster

    for name, function in BlockBuster().functions.items():
        if name.startswith(_BLOCKING):
            function.activate()


def _serve(
    application: Any, options: "ServerOptions", listener: socket | None, pipe: Connection
) -> None:
    import logging

    import uvicorn

    class ReportingServer(uvicorn.Server):
        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            # A shared socket is not among `servers`; the parent knows its port.
            port = 0 if listener else self.servers[0].sockets[0].getsockname()[1]
            say(pipe, port)

    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=0 if listener is None else UNIX_PORT,
        lifespan="off",
        ws_ping_interval=options.ping_interval,
        timeout_graceful_shutdown=options.goodbye,
        # Reloads nothing: it chooses the event loop that can share a socket on Windows.
        reload=listener is not None,
    )
    if listener is not None:
        logging.getLogger("uvicorn.error").addFilter(_is_news)
    ReportingServer(config).run(sockets=[listener] if listener else None)


def _is_news(record: Any) -> bool:
    """Return whether a line of the server is worth reading."""
    return not record.getMessage().startswith(_CEREMONY)


def _failure_page(options: "ServerOptions", failure: str) -> "FailurePage":
    return FailurePage(options.failure_page.replace("{traceback}", html.escape(failure)))


class FailurePage:
    """An ASGI application in the place of a project that does not start: shows why."""

    def __init__(self, page: str) -> None:
        self.page = page.encode()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
            return
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": self.page})
