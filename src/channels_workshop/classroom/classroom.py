"""The classroom: the desk, the pages, and everybody who is told."""

from collections.abc import Callable

from .board import Audience
from .desk import Desk
from .pages import Pages


class Classroom:
    """What `up` opens, and closes when it ends.

    `pages_settled` is called once, from a thread, when the pages are there or cannot be had.
    """

    def __init__(self, desk: Desk, pages_settled: Callable[[Pages], None]) -> None:
        self.desk = desk
        self.pages = Pages()
        self._pages_settled = pages_settled

    def open(self, *audiences: Audience) -> None:
        """Begin to build, serve, watch and check, and tell `audiences`."""
        self.desk.audiences += audiences
        self.pages.open(self._settle)
        self.desk.open()

    def _settle(self, pages: Pages) -> None:
        self.desk.tell_everybody()  # the lesson's page can be gone to now
        self._pages_settled(pages)

    def close(self) -> None:
        """End everything that `open` has begun."""
        self.pages.close()
        self.desk.close()
