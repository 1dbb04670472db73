"""The scene of a fault: its servers, its Redis, its people, and the one time line of them all."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx

from ...course.copies import write_project
from ...course.lessons import find_lesson
from ...processes.gate import Gate
from ...processes.options import ServerOptions
from ...processes.project import ProjectServer
from ...processes.supervisor import Supervisor
from ..microscope.collector import Collector
from ..microscope.events import Event
from ..microscope.recording import Recording
from .nginx import Nginx
from .notes import Notes
from .person import Person
from .watched_redis import WatchedRedis

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

#: Of the two chats that faults are played with: in the memory of one process, and over Redis.
MEMORY, REDIS = "03", "06"
#: Everybody who may come to the chat that wants to know them.
PEOPLE = ["ann", "bob", "eve", "dan"]
#: The module of settings that a fault may lay over a project.
SETTINGS = "lab_settings"
#: Seconds that open connections get where a server is ended politely.
_GOODBYE = 1
#: The path of a last request to a server.
_LAST = "/the-lab-is-over/"
#: Seconds of one try at what works at some time.
_A_WHILE = 0.5


@dataclass
class Served:
    """A server of the scene, under its name."""

    name: str
    server: ProjectServer

    @property
    def pid(self) -> int:
        """The id of its process."""
        pid = cast("BaseProcess", self.server.process).pid
        assert pid
        return pid


class Scene:
    """Everything that a fault is played with. All of it ends with `close`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.recording = Recording()
        self.redis = WatchedRedis(self.recording)
        self._supervisor = supervisor
        self._collector = Collector(self.recording)
        self._lab = Notes(self.recording, "lab")
        self._folder = tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True)
        # Resolved, since a traceback names real paths.
        self._projects_folder = Path(self._folder.name).resolve()
        self._projects: dict[str, Path] = {}
        self._tokens: dict[str, str] = {}
        self._served: list[Served] = []
        self._people: list[Person] = []
        self._gates: list[Gate] = []
        self._proxies: list[Nginx] = []

    async def open(self) -> None:
        """Begin to take in what servers tell."""
        await self._collector.open()

    async def close(self) -> None:
        """End everything."""
        for person in self._people:
            await person.end()
        for proxy in self._proxies:
            await asyncio.to_thread(proxy.stop)
        for served in self._served:
            await asyncio.to_thread(served.server.stop)
        for gate in self._gates:
            await gate.end()
        await self.redis.end()
        await self._collector.close()
        self._folder.cleanup()

    # ---- Who takes part.

    async def serve(
        self,
        name: str,
        lesson: str = REDIS,
        *,
        environment: Mapping[str, str] | None = None,
        settings: str = "",
        sections: Mapping[str, str] | None = None,
        ping_interval: float = 20.0,
    ) -> Served:
        """Start a server. All of one lesson share a project and a database.

        `settings` follow the project's own in a module of their own; `sections` replace some of its.
        """
        files = {f"{SETTINGS}.py": f"from config.settings import *\n\n{settings}"}
        is_first = lesson not in self._projects
        if is_first:
            self._projects[lesson] = self._projects_folder / lesson
        project = self._projects[lesson]
        write_project(find_lesson(lesson), project, sections, files)
        given = dict(environment or {})
        if lesson == REDIS:
            given = {"REDIS_URL": self.redis.url, "PRESENCE_SECONDS": "600"} | given
        options = ServerOptions(
            settings=SETTINGS,
            environment=given,
            migrate=is_first,
            ping_interval=ping_interval,
            goodbye=_GOODBYE,
        )
        log = project.parent / f"{name}.log"
        watched = self._collector.watched(options, name)
        server = await asyncio.to_thread(self._supervisor.serve, project, log, watched)
        if lesson == REDIS and not self._tokens:
            await self._give_tokens(project, given)
        served = Served(name, server)
        self._served.append(served)
        return served

    async def _give_tokens(self, project: Path, environment: Mapping[str, str]) -> None:
        commands = [["create_token", name, "--expires-in", "86400"] for name in PEOPLE]
        came = await asyncio.to_thread(
            self._supervisor.run_commands, project, commands, environment
        )
        for name, ran in zip(PEOPLE, came, strict=True):
            if ran.exit_code:
                raise RuntimeError(ran.errors)
            self._tokens[name] = ran.printed.strip()

    def person(self, name: str) -> Person:
        """Return somebody new, who is nowhere yet."""
        person = Person(name, self.recording)
        self._people.append(person)
        return person

    async def enter(
        self, person: Person, server: Served | Nginx, patience: float = 30.0, room: str = "tea"
    ) -> bool:
        """Have somebody open the room on a server, or through a proxy; return whether that worked."""
        port = server.port if isinstance(server, Nginx) else server.server.port
        token = self._tokens.get(person.name)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = f"127.0.0.1:{port}"
        return await person.enter(
            f"ws://{address}/ws/chat/{room}/", f"http://{address}", headers, patience
        )

    async def guest(self, name: str, server: Served | Nginx, room: str = "tea") -> Person:
        """Return somebody new who is in the room."""
        person = self.person(name)
        if not await self.enter(person, server, room=room):
            raise RuntimeError(f"{name} was not let in")
        return person

    async def gate(self, port: int) -> tuple[Gate, int]:
        """Return a new gate before a port, and its own port."""
        gate = Gate(port)
        self._gates.append(gate)
        return gate, await gate.start()

    async def proxy(self, server: Served, read_timeout: int) -> Nginx:
        """Start an nginx in front of a server, which cuts off whoever is silent for so many seconds."""
        nginx = await asyncio.to_thread(Nginx, server.server.port, read_timeout)
        self._proxies.append(nginx)
        return nginx

    async def get(self, served: Served, path: str) -> int:
        """Return the status of a server's answer over HTTP."""
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            return (await client.get(f"{served.server.origin}{path}")).status_code

    # ---- What is done to them.

    def does(self, text: str) -> None:
        """Note what the lab does."""
        self._lab.note("does", text)

    async def kill(self, served: Served) -> None:
        """End a server at once."""
        self.does(f"kill -9 {served.name}")
        await asyncio.to_thread(served.server.stop)

    def signal(self, served: Served, number: int, name: str) -> None:
        """Send a server a signal."""
        self.does(f"kill -{name} {served.name}")
        os.kill(served.pid, number)

    async def drain(self, served: Served) -> None:
        """End a server politely, and wait for it."""
        self.does(f"kill -TERM {served.name}")
        served.server.process.terminate()
        await asyncio.to_thread(served.server.process.join, 30)

    async def see(self, wanted: Callable[[Event], bool], count: int = 1) -> list[Event]:
        """Wait until so much of that is on the time line. Raises TimeoutError."""
        return await self.recording.until(wanted, count)

    async def settle(self) -> int:
        """Wait until all that has happened so far is on the time line; return that moment.

        A server tells what it has seen in order: once a last request is seen, so is all before it.
        """
        over = time.monotonic_ns() // 1000
        for served in self._served:
            if served.server.process.is_alive():
                await self.get(served, _LAST)
                await self.see(partial(_is_last, served.name))
        return over

    async def again(self, attempt: Callable[[int], Awaitable[None]], times: int = 60) -> None:
        """Try something, by its number, until it works: nobody can see from outside when it will.

        One try has a short while. Raises TimeoutError where it never works.
        """
        for number in range(times):
            with suppress(TimeoutError):
                async with asyncio.timeout(_A_WHILE):
                    await attempt(number)
                    return
        raise TimeoutError


def _is_last(name: str, event: Event) -> bool:
    return event.who == name and _LAST in event.where
