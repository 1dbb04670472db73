"""The course's pages as they are served: built in the background when they have to be."""

import threading
from collections.abc import Callable
from pathlib import Path

from .site import SiteBuild, SiteNotBuilt, earlier_site, ready_site


class Pages:
    """Knows which folder holds the pages. `told` is called once, when that is settled.

    `folder` is None while there are none; `trouble` is why they could not be built, and then
    `folder` may hold earlier ones.
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.trouble = ""
        self._settled = threading.Event()
        self._build = SiteBuild()
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def are_settled(self) -> bool:
        """Tell whether there is nothing more to wait for."""
        return self._settled.is_set()

    def open(self, told: Callable[["Pages"], None]) -> None:
        """Find the pages, or build them in the background."""
        self._thread = threading.Thread(target=self._find, args=(told,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End a build that is under way, and leave nothing half-built."""
        self._closed = True
        self._build.abandon()
        if self._thread:
            self._thread.join()

    def _find(self, told: Callable[["Pages"], None]) -> None:
        try:
            self.folder = ready_site() or self._build.run()
        except (SiteNotBuilt, OSError) as error:
            self.trouble = str(error)
            self.folder = earlier_site()
        self._settled.set()
        if not self._closed:
            told(self)
