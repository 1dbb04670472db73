"""The course's pages as they are served: built in the background when they have to be."""

import threading
from collections.abc import Callable
from pathlib import Path

from .site import SiteNotBuilt, build_site, earlier_site, ready_site


class Pages:
    """Knows which folder holds the pages. `told` is called once, when that is settled.

    `folder` is None while there are none; `trouble` is why they could not be built, and then
    `folder` may hold earlier ones.
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.trouble = ""
        self._settled = threading.Event()

    @property
    def are_settled(self) -> bool:
        """Tell whether there is nothing more to wait for."""
        return self._settled.is_set()

    def open(self, told: Callable[["Pages"], None]) -> None:
        """Find the pages, or build them in the background. A build ends with this process."""
        threading.Thread(target=self._find, args=(told,), daemon=True).start()

    def _find(self, told: Callable[["Pages"], None]) -> None:
        try:
            self.folder = ready_site() or build_site()
        except (SiteNotBuilt, OSError) as error:
            self.trouble = str(error)
            self.folder = earlier_site()
        self._settled.set()
        told(self)
