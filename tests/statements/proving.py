"""What the proofs of the pages' statements share: a real server in this process, and the runner.

A proof is a coroutine function that takes nothing, and raises where its statement is not true.
"""

import asyncio
import contextlib
import io
import json
import logging
import os
import socket
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import uvicorn

REPOSITORY = Path(__file__).resolve().parents[2]

Proof = Callable[[], Awaitable[None]]
PROOFS: list[Proof] = []


def proof(function: Proof) -> Proof:
    """Register a coroutine function as the proof of a statement."""
    PROOFS.append(function)
    return function


def use_project(lesson: str) -> None:
    """Make `lesson`'s project importable and set Django up with it: once in a process."""
    sys.path.insert(0, str(REPOSITORY / "lessons" / lesson))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()


class ServerLog(logging.Handler):
    """The exceptions that left the application, in the order in which uvicorn logged them."""

    def __init__(self) -> None:
        super().__init__()
        self.exceptions: list[BaseException] = []
        self._unread: asyncio.Queue[BaseException] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            self.exceptions.append(record.exc_info[1])
            self._unread.put_nowait(record.exc_info[1])

    async def next(self) -> BaseException:
        """Wait for the next exception that was not waited for yet, and return it."""
        return await self._unread.get()

    def lines(self) -> list[str]:
        """Return the exceptions as the last line of a traceback shows them."""
        return [f"{type(error).__name__}: {error}" for error in self.exceptions]


class Server:
    """One uvicorn for all proofs, since each start and end would cost; its application changes."""

    def __init__(self) -> None:
        self.application = None
        # Who connects before the server accepts waits in this socket's queue.
        self.listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(self.answer, log_config=None, lifespan="off", interface="asgi3")
        self.uvicorn = uvicorn.Server(config)

    async def answer(self, scope, receive, send):
        await self.application(scope, receive, send)

    @property
    def host(self) -> str:
        """Where it listens, as `host:port`."""
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    async def __aenter__(self) -> "Server":
        logging.getLogger("uvicorn").propagate = False
        self.task = asyncio.create_task(self.uvicorn.serve(sockets=[self.listener]))
        return self

    async def __aexit__(self, *_exception) -> None:
        self.uvicorn.should_exit = True
        await self.task


_server: Server | None = None


@contextlib.asynccontextmanager
async def serving(application) -> AsyncIterator[tuple[str, ServerLog]]:
    """Serve an ASGI application with uvicorn on loopback; give its `host:port` and its log."""
    log = ServerLog()
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(log)
    _server.application = application
    try:
        yield _server.host, log
    finally:
        logger.removeHandler(log)


@contextlib.asynccontextmanager
async def database() -> AsyncIterator[None]:
    """Give Django a migrated database for a while: where its settings say, else in memory."""
    from asgiref.sync import sync_to_async
    from django.test.utils import setup_databases, teardown_databases

    made = await sync_to_async(setup_databases)(verbosity=0, interactive=False)
    try:
        yield
    finally:
        await sync_to_async(teardown_databases)(made, verbosity=0)


async def lines_printed_by(program: str) -> list[str]:
    """Run a program of a page, given as text, in a thread; return the lines that it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        await asyncio.to_thread(exec, program, {})
    return printed.getvalue().splitlines()


async def _verdicts() -> dict[str, str | None]:
    global _server
    verdicts: dict[str, str | None] = {}
    async with Server() as _server:
        for function in PROOFS:
            try:
                # A statement that is no longer true must fail here, not hang.
                async with asyncio.timeout(20):
                    await function()
                verdicts[function.__name__] = None
            except (Exception, pytest.fail.Exception):  # the second is no Exception
                verdicts[function.__name__] = traceback.format_exc()
    return verdicts


def report() -> None:
    """Run the proofs one by one; print JSON that maps each one's name to null or its traceback."""
    print(json.dumps(asyncio.run(_verdicts())))
