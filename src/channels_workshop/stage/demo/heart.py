"""A heart: one more visitor, who asks for something easy again and again. Is anybody served?"""

import asyncio
import contextlib
from collections.abc import Callable

from ...judging.client import Client, open_stream
from ...judging.mismatch import Mismatch
from ...judging.patience import Patience
from ...judging.timeline import Timeline
from ...processes.project import ProjectServer
from .bell import Bell
from .events import Pulse
from .player import Tell

#: Seconds between an answer and the next question. It is a rhythm to look at; nothing waits for it.
_RHYTHM = 0.25
#: No page of any project: a 404 is an answer, too, and no project keeps it out of its server's log.
_NOBODYS_PAGE = "/is-anybody-there/"


class Heart:
    """The heart `name`, which asks whatever process is `server` now for `path`."""

    def __init__(
        self,
        name: str,
        server: str,
        process: Callable[[], ProjectServer],
        path: str,
        tell: Tell,
        bell: Bell,
    ) -> None:
        self.name, self.server = name, server
        self._process, self._path = process, path
        self._tell, self._bell = tell, bell
        self._asked = self._answered = 0
        self._beating = asyncio.create_task(self._beat())
        self._once_more: asyncio.Task[None] | None = None

    async def beats(self) -> None:
        """Return once a question that is asked from now on was answered."""
        before = self._asked
        await self._bell.until(lambda: self._answered > before)

    async def asks_once_more(self) -> str:
        """Ask once more; return the path by which the server's log will tell that question."""
        path = _NOBODYS_PAGE
        reader, writer = await open_stream(self._process())
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        self._once_more = asyncio.create_task(_read_all(reader, writer))
        return path

    @property
    def was_answered(self) -> bool:
        """Whether the question of `asks_once_more` is answered by now."""
        return self._once_more is not None and self._once_more.done()

    async def end(self) -> None:
        """Stop it."""
        tasks = [task for task in (self._beating, self._once_more) if task]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def _beat(self) -> None:
        while True:
            self._asked += 1
            question = self._asked
            self._tell(Pulse(self.name, self.server, "waits"))
            with contextlib.suppress(Mismatch):  # the process is gone; another may take its place
                await self._ask(self._process())
                self._answered = question
                self._tell(Pulse(self.name, self.server, "beats"))
                self._bell.ring()
            await asyncio.sleep(_RHYTHM)

    async def _ask(self, server: ProjectServer) -> None:
        client = Client(server, Timeline(), self.name, Patience(3600))
        try:
            await client.get(self._path)
        finally:
            await client.leave()


async def _read_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take an answer, whatever it is, and hang up."""
    try:
        await reader.read()
    except OSError:  # the process was ended
        pass
    finally:
        writer.close()
