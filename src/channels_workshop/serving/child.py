"""The server process: waits for its order, becomes that project's server, reports to its parent.

Runs in a process of its own, started by `launcher`. What it sends back over the pipe is either
`("ready", port)` once the socket accepts, or `("failed", traceback)`.
"""

import traceback
import warnings
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from .lifeline import end_with_parent
from .moving_in import move_into


@dataclass(frozen=True)
class Order:
    """Which project to serve, and how.

    `environment` is the whole environment that the project sees; `log` is the file that takes
    everything it prints; `migrate` lays its database out first; `strict` makes blocking calls in
    the event loop raise BlockingError; `ping_interval` is in seconds, as uvicorn's option.
    """

    project: Path
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    migrate: bool = False
    strict: bool = False
    ping_interval: float = 20.0


def wait_for_order(pipe: Connection) -> None:
    """Be the process: serve what the pipe brings, end when the parent does."""
    end_with_parent()
    # Ready to serve anything: the imports are the slow half of a start.
    from . import preload  # noqa: F401

    try:
        order = pipe.recv()
    except (EOFError, KeyboardInterrupt):  # never needed
        return
    try:
        move_into(order.project, order.environment, order.log)
        # Python tells of a forgotten `await` once for each line; each check wants to hear of it.
        warnings.filterwarnings("always", "coroutine .* was never awaited", RuntimeWarning)
        _serve(order, pipe)
    except BaseException:  # SystemExit too: a project may raise anything while it is imported
        pipe.send(("failed", traceback.format_exc()))
        raise SystemExit(1) from None


def _serve(order: Order, pipe: Connection) -> None:
    import uvicorn

    if order.strict:
        _refuse_blocking_calls()  # before the project can take `sleep` out of `time`
    if order.migrate:
        _migrate()

    class ReportingServer(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            pipe.send(("ready", self.servers[0].sockets[0].getsockname()[1]))

    config = uvicorn.Config(
        "config.asgi:application",
        host="127.0.0.1",
        port=order.port,
        lifespan="off",
        ws_ping_interval=order.ping_interval,
    )
    config.load()
    ReportingServer(config).run()


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


#: What blocks for as long as somebody else likes. Files are not among them: Django itself reads a
#: template, and httpx the certificates, wherever they are asked to.
_BLOCKING = ("time.", "socket.", "ssl.", "sqlite3.")


def _refuse_blocking_calls() -> None:
    from blockbuster import BlockBuster

    for name, function in BlockBuster().functions.items():
        if name.startswith(_BLOCKING):
            function.activate()
