"""What a check leaves behind for the report: its story, and the logs of the servers it talked to."""

from pathlib import Path

from ..processes.project import ProjectServer
from .mismatch import LogExcerpt, Mismatch
from .server_log import last_traceback, never_awaited
from .timeline import Timeline


class Evidence:
    """The story of one check (`timeline`), and which servers' logs belong to it.

    A check about something that began before it puts that timeline here.
    """

    def __init__(self) -> None:
        self.timeline = Timeline()
        #: The position in its log (bytes) from which each server matters, the latest last.
        self._watched: dict[Path, tuple[ProjectServer, int]] = {}

    def watch(self, server: ProjectServer, position: int | None = None) -> None:
        """Let the log of `server` matter too, from `position` (bytes) on, or from now."""
        _server, since = self._watched.pop(server.log, (server, None))
        if position is None:
            position = server.log_size() if since is None else since
        self._watched[server.log] = server, position

    def log(self, mismatch: Mismatch) -> LogExcerpt:
        """Return what a server printed while the check went wrong: the one that names a cause."""
        if mismatch.log is not None:
            return mismatch.log
        excerpts = [
            LogExcerpt(server.log_since(position), server.project)
            for server, position in self._watched.values()
        ]
        telling = [e for e in excerpts if last_traceback(e.text) or never_awaited(e.text)]
        return (telling or excerpts[-1:] or [LogExcerpt("", Path())])[0]
