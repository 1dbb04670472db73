"""A project's own `manage.py`, from a cell."""

import asyncio

from ..errors import WorkshopError
from ..language import message
from ..processes.management import run_commands
from .projects import Server


async def manage(server: Server, *command: str) -> str:
    """Run `manage.py COMMAND…` beside a server, with its database, and return what it prints.

    Raises WorkshopError, with the command's own last words, where it fails.
    """
    environment = server.options.environment
    [ran] = await asyncio.to_thread(run_commands, server.project, [command], environment)
    if ran.exit_code != 0:
        line = " ".join(command)
        raise WorkshopError(message("`manage.py {line}` has failed.", line=line), ran.errors)
    return ran.printed.strip()
