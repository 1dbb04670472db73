"""The board as an ASGI application: for as long as the server runs, the class is held."""

from typing import Any

from ..pages.application import application_while
from .board import Board


def application_for(board: Board) -> Any:
    """Return the application that shows `board`: views and consumers find it in their scope.

    Django is set up by then.
    """
    from channels.routing import URLRouter

    from .urls import websocket_urlpatterns

    return application_while(board, URLRouter(websocket_urlpatterns), board=board)
