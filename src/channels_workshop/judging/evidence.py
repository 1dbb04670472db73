"""What a check leaves behind for the report: its story, and the log of the server it talked to."""

import random
from pathlib import Path

from ..processes.project import ProjectServer
from .mismatch import LogExcerpt, Mismatch
from .timeline import Timeline


class Evidence:
    """The story of one check (`timeline`), and which server's log belongs to it.

    A check about something that began before it puts that timeline here.
    """

    def __init__(self) -> None:
        self.timeline = Timeline()
        self._server: ProjectServer | None = None
        self._position = 0

    def watch(self, server: ProjectServer, position: int | None = None) -> None:
        """From now on `server` is the one whose log matters, from `position` (bytes) on, or now."""
        self._server = server
        self._position = server.log_size() if position is None else position

    def log(self, mismatch: Mismatch) -> LogExcerpt:
        """Return what the server printed while the check went wrong."""
        if mismatch.log is not None:
            return mismatch.log
        if self._server is None:
            return LogExcerpt("", Path())
        return LogExcerpt(self._server.log_since(self._position), self._server.project)


class Some:
    """Random texts and names, the same for the same seed."""

    def __init__(self, source: random.Random) -> None:
        self._random = source

    def text(self) -> str:
        """Return something to say that cannot be guessed."""
        return f"{self._random.choice(_OPENINGS)} {self.word()}"

    def name(self) -> str:
        """Return a plain ASCII name that no other check uses."""
        return f"name-{self.word()}"

    def word(self) -> str:
        """Return eight small letters."""
        return "".join(self._random.choices("abcdefghkmnprstuvwxyz", k=8))


_OPENINGS = ["hello", "привет", "tea at five?", "снова я,", "안녕", "👋🏽"]
