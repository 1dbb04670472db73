"""The reports of a grading while it goes on: at every moment there are some on disk."""

import contextlib
import time
from pathlib import Path

from ..errors import WorkshopError
from ..invocation import as_others_call_it
from ..language import Language
from .grading import Grading
from .reports import Alike, write_reports

#: Reports are written anew after so many times as long as that has taken.
_SELDOM = 10


class RunningReports:
    """The reports of `grading`, in `formats`, below the folder `out`."""

    def __init__(self, grading: Grading, out: Path, formats: list[str], language: Language) -> None:
        self._grading = grading
        self._out = out
        self._formats = formats
        self._language = language
        self._next = 0.0

    def write(self, alike: list[Alike] | None = None) -> None:
        """Write all of them. Raises WorkshopError where a file that is not ours is in the way."""
        grading = self._grading
        with as_others_call_it():
            write_reports(
                grading.results,
                grading.lessons,
                self._out,
                self._formats,
                self._language,
                seed=grading.seed,
                sandbox=grading.sandbox,
                alike=alike,
                students=[submission.student for submission in grading.submissions],
            )

    def write_seldom(self) -> None:
        """Write all of them, unless that would take more than a small part of the time.

        What cannot be written now, since it is open in another program, say, is tried again.
        """
        began = time.monotonic()
        if began < self._next:
            return
        with contextlib.suppress(OSError, WorkshopError):
            self.write()
        ended = time.monotonic()
        self._next = ended + _SELDOM * (ended - began)
