"""A process that serves a project to people; where the project does not start, it says why.

It works on a listening socket that its parent keeps, so that the address stays while the project
behind it is exchanged: who calls meanwhile waits a moment.
"""

import contextlib
import html
import logging
import socket
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ..language import Language, _, current, speak
from ..serving.lifeline import end_with_parent
from ..serving.moving_in import move_into

#: Seconds that open connections get to say goodbye.
GOODBYE = 1

_CEREMONY = ("Started server", "Finished server", "Shutting down", "Waiting for ")


@dataclass(frozen=True)
class Job:
    """Which project to serve.

    `environment` is the whole environment that it sees; `log` takes what it prints, else it
    prints where its parent does; `migrate` lays out its database before, and `demo` fills it;
    `language` is what the page speaks that stands in for a project that does not start; `broken`,
    if given, is why it is known not to, and then it is not tried.
    """

    project: Path
    environment: dict[str, str]
    language: Language
    log: Path | None = None
    migrate: bool = False
    demo: bool = False
    broken: str = ""


def work(parent: Connection, job: Job, listener: socket.socket) -> None:
    """Be the process: tell whether the project loads, and serve it when the parent says so.

    Sends the lines of the traceback that stand in the project, or an empty text where all is
    well; waits for an answer; then serves.
    """
    end_with_parent()
    try:
        move_into(job.project, job.environment, job.log)
        application, broken = _load(job)
        parent.send(broken)
        parent.recv()
    except (KeyboardInterrupt, EOFError, OSError):  # not wanted any more
        return
    with contextlib.suppress(KeyboardInterrupt):
        _serve(application, listener)


def _load(job: Job) -> tuple[Any, str]:
    """Return the project's application and an empty text, else a page and the traceback."""
    if job.broken:
        return _stand_in(job, job.broken), job.broken
    try:
        if job.migrate:
            _prepare(job.demo)
        from config.asgi import application
    except KeyboardInterrupt:
        raise
    except BaseException:  # SystemExit too: a project may raise anything while it is imported
        told = _own_part(traceback.format_exc(), job.project)
        return _stand_in(job, told), told
    return application, ""


def _stand_in(job: Job, told: str) -> "DoesNotStart":
    speak(job.language)
    return DoesNotStart(told)


def _own_part(told: str, project: Path) -> str:
    from ..checking.telling import shorten_traceback

    return shorten_traceback(told, project) or told


def _prepare(demo: bool) -> None:
    """Migrate where the project has migrations; if `demo`, run its command of that name."""
    import django
    from django.core.management import call_command, get_commands
    from django.db.migrations.loader import MigrationLoader

    django.setup()
    # Read from the files alone: a project that stores nothing gets no database.
    if MigrationLoader(None, ignore_no_migrations=True).disk_migrations:
        call_command("migrate", verbosity=0)
    if demo and "demo" in get_commands():
        call_command("demo")


def _serve(application: Any, listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        application,
        lifespan="off",
        timeout_graceful_shutdown=GOODBYE,
        # Reloads nothing: it chooses the event loop that bears a shared socket on Windows.
        reload=True,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    uvicorn.Server(config).run(sockets=[listener])


def _is_news(record: logging.LogRecord) -> bool:
    """Tell whether a line of the server is worth reading: it comes and goes at each save."""
    return not record.getMessage().startswith(_CEREMONY)


class DoesNotStart:
    """An ASGI application in the place of a project that does not start: shows the traceback."""

    def __init__(self, traceback: str) -> None:
        self.page = _PAGE.format(
            language=current(),
            title=_("The project does not start"),
            comfort=_("This page mends itself once you have saved a project that does."),
            traceback=html.escape(traceback),
        ).encode()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
            return
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": self.page})


_PAGE = """<!doctype html>
<html lang="{language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta http-equiv="refresh" content="2">
  <title>{title}</title>
  <style>
    html {{ font: clamp(1rem, 0.85rem + 0.5vw, 1.5rem) / 1.5 system-ui, sans-serif; }}
    body {{ max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }}
    pre {{ padding: 1rem; border: 1px solid #8886; border-radius: 0.6rem; overflow-x: auto; }}
  </style>
</head>
<body>
  <h1>{title}</h1>
  <p>{comfort}</p>
  <pre>{traceback}</pre>
</body>
</html>
"""
