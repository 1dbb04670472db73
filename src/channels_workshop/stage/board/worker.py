"""One process that serves the board: alone within the verb, or one of several."""

import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socket
from typing import Any

from ...language import Language, speak
from ..pages.application import set_up_django
from ..serving import server_of
from . import settings as ours
from .course import course_here
from .ledger import Ledger
from .limits import LARGEST_FRAME

#: Seconds between two pings: a learner whose network is gone is seen to be away.
_PING = 10.0


@dataclass(frozen=True)
class Served:
    """What a worker serves: the class in `ledger`, under the names `hosts`, in this `language`.

    `address`, a host and a port, is where learners find it. `redis` is where several workers
    call each other; empty where there is one.
    """

    ledger: Path
    hosts: tuple[str, ...]
    language: Language
    address: str
    redis: str = ""


def serve(served: Served, listeners: Sequence[socket]) -> None:
    """Serve the board on `listeners` until this process is asked to end."""
    ledger = Ledger(served.ledger)
    layers = ours.CHANNEL_LAYERS
    if served.redis:
        layers = {"default": _layer(served.redis, ledger.class_id)}
    set_up_django(ours, served.hosts, CHANNEL_LAYERS=layers)

    from .app import application_for
    from .board import Board

    server = server_of(
        application_for(Board(ledger, course_here(), served.address)),
        ws_max_size=LARGEST_FRAME,
        ws_ping_interval=_PING,
        ws_ping_timeout=_PING,
        ws_per_message_deflate=False,  # a small frame may unfold to a large one
    )
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=list(listeners))


def serve_as_child(_pipe: Connection, served: Served, listeners: Sequence[socket]) -> None:
    """Be one of several workers."""
    speak(served.language)
    serve(served, listeners)


def _in_a_line(record: logging.LogRecord) -> bool:
    """Leave out the traceback: the layer logs one for each connection while its Redis is gone."""
    record.exc_info = record.exc_text = None
    return True


def _layer(redis: str, class_id: str) -> dict[str, Any]:
    logging.getLogger("channels_redis.pubsub").addFilter(_in_a_line)
    # As in lesson 06; the prefix keeps apart what shares a person's own Redis.
    return {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [redis], "prefix": f"class-{class_id}"},
    }
