"""What others than servers do, noted on the same time line."""

import itertools
import time

from ..microscope.events import Event, What
from ..microscope.inside import KEPT
from ..microscope.recording import Recording


class Notes:
    """Notes on a recording what `who` does."""

    def __init__(self, recording: Recording, who: str) -> None:
        self.who = who
        self.recording = recording
        self._numbers = itertools.count(1)

    def note(self, what: What, text: str = "", code: int = 0, where: str = "") -> None:
        """Note something that happens now."""
        at, cut = time.monotonic_ns() // 1000, max(0, len(text) - KEPT)
        event = Event(at, self.who, next(self._numbers), what, 0, where, text[:KEPT], cut, code)
        self.recording.add([event])
