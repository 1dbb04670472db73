"""`%%views NAME` and `%%application NAME`: a cell that is a file, served by a real server."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..errors import WorkshopError
from ..language import message
from .projects import Server, serve_application, serve_views


def register_magics() -> None:
    """Make the two known to the kernel; nothing where this is no kernel."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    for name, start in (("views", serve_views), ("application", serve_application)):
        shell.register_magic_function(partial(_serve, shell, start), "cell", name)


def _serve(shell: Any, start: Callable[[str], Server], line: str, cell: str) -> None:
    """Serve `cell`; the variable that `line` names is its server. The one before it is ended."""
    name = line.strip()
    if not name.isidentifier():
        raise WorkshopError(
            message("Name the variable that is to be the server."), "%%views kitchen"
        )
    before = shell.user_ns.get(name)
    if isinstance(before, Server):
        before.stop()
    shell.user_ns[name] = start(cell)
