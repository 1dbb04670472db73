"""The world of a demo: a copy of the project, its servers, clients and Redis. Performs one step.

Whatever happens is told as an event. What a step promises, and does not come, is a Mismatch.
"""

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import watchfiles

from ...course.copies import write_project
from ...judging.client import Client
from ...judging.mismatch import Mismatch
from ...judging.patience import Patience
from ...judging.rendezvous import Call, Rendezvous
from ...judging.timeline import Timeline
from ...language import Message, message
from ...processes.children import FailedToStart
from ...processes.options import OWN_SETTINGS, ServerOptions
from ...processes.project import ProjectServer
from ...processes.redis import VARIABLE, EmbeddedRedis
from ...processes.supervisor import Supervisor
from . import acts, copybook, outcomes
from .acts import AnyAct, Fill
from .bell import Bell
from .events import Filled, Printed, RedisIs, ServerDown, ServerUp, ServiceIs
from .heart import Heart
from .outcomes import AnyOutcome
from .player import Player, Tell
from .script import Demo, Step
from .words import of_act, of_outcome

#: Seconds. A caller gives up after some time, and the room would see an error: it is answered before.
_HOLDS_AT_MOST = 20.0
#: Seconds for which the service itself would let somebody wait.
_LONGER = 120.0
#: Milliseconds after which we look into a log again though the system has reported nothing.
_LOOK_AGAIN = 200


@dataclass
class _Server:
    """A server of the scene: how it is started, and what of its log was seen."""

    start: Callable[[], ProjectServer]
    program: str
    log: Path
    running: ProjectServer
    read: int = 0


@dataclass
class _Service:
    """A service that lets callers wait, and what it will say."""

    rendezvous: Rendezvous
    answer: dict[str, str]


class Scene:
    """Everything that runs for a demo. `set` it first; `close` ends all of it without a trace.

    `tell` is called, in the event loop, with each event. `patience` are the seconds within which an
    act has to be done, and an outcome has to come.
    """

    def __init__(self, demo: Demo, supervisor: Supervisor, tell: Tell, patience: float) -> None:
        self._demo, self._supervisor = demo, supervisor
        self._tell, self._patience = tell, patience
        self._bell = Bell()
        self._servers: dict[str, _Server] = {}
        self._services: dict[str, _Service] = {}
        self._players: dict[str, Player] = {}
        self._hearts: dict[str, Heart] = {}
        #: Of hearts that stand still: where the log ended then, and the path by which they asked.
        self._standing: dict[str, tuple[int, str]] = {}
        self._redis: EmbeddedRedis | None = None
        self._environment: dict[str, str] = {}
        #: Resolved, since a traceback names real paths.
        self._folder = Path(tempfile.mkdtemp(prefix="demo-", dir=supervisor.projects)).resolve()
        self._project = self._folder / demo.lesson.name

    async def set(self) -> None:
        """Lay out the project as the demo begins with it."""
        await asyncio.to_thread(write_project, self._demo.lesson, self._project)
        for fill in self._demo.begins_with:
            self._fill(fill, is_new=False)

    async def perform(self, step: Step) -> None:
        """Do what the step does, and see what must be seen. Raises Mismatch for the first that fails."""
        for act in step.acts:
            await self._in_time(self._do(act), of_act(act))
        for outcome in step.sees:
            await self._in_time(self._see(outcome), of_outcome(outcome), outcome)

    async def close(self) -> None:
        """End everything, and remove the project's copy."""
        for player in self._players.values():
            await player.leave()
        for heart in self._hearts.values():
            await heart.end()
        await asyncio.to_thread(self._end_processes)

    def _end_processes(self) -> None:
        for service in self._services.values():
            service.rendezvous.close()
        for server in self._servers.values():
            server.running.stop()
        if self._redis:
            self._redis.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _in_time(
        self, work: Coroutine[Any, Any, None], wanted: Message, outcome: AnyOutcome | None = None
    ) -> None:
        try:
            await asyncio.wait_for(work, self._patience)
        except TimeoutError:
            met = self._met(outcome) if outcome else message("it was not done in time")
            raise Mismatch(wanted, met) from None
        except FailedToStart as failed:
            lines = [line for line in failed.printed.splitlines() if line.strip()]
            raise Mismatch(wanted, lines[-1] if lines else message("nothing")) from None
        except Mismatch as mismatch:
            raise Mismatch(wanted, mismatch.actual) from None

    # ---- What happens.

    async def _do(self, act: AnyAct) -> None:
        match act:
            case acts.Serve():
                await self._serve(act)
            case acts.Run():
                await self._run(act)
            case acts.Restart(name):
                await self._end(name)
                self._servers[name].running = await asyncio.to_thread(self._servers[name].start)
                self._tell_up(name)
            case acts.Kill(name):
                await self._end(name)
            case acts.StartRedis():
                await self._start_redis()
            case acts.StopRedis():
                assert self._redis
                await asyncio.to_thread(self._redis.stop)
                self._tell(RedisIs(False))
            case acts.Hold(name, variable, answer):
                service = _Service(Rendezvous(holds_for=_LONGER), answer)
                self._services[name] = service
                self._environment[variable] = service.rendezvous.url
                self._tell(ServiceIs(name, 0))
            case acts.Release(name):
                for call in self._services[name].rendezvous.present():
                    self._answer(name, call)
            case acts.Fill():
                self._fill(act)
            case acts.Beat(who, server, path):
                process = self._process_of(server)
                self._hearts[who] = Heart(who, server, process, path, self._tell, self._bell)
            case acts.Connect(who, server, path, origin, cookies_of):
                cookies = self._player(cookies_of or who).cookies
                running = self._servers[server].running
                await self._player(who).connect(server, running, path, origin, cookies)
            case acts.Get(who, server, path, later):
                running = self._servers[server].running
                if later:
                    self._player(who).ask_later(server, running, path)
                else:
                    await self._player(who).ask(server, running, "GET", path, {})
            case acts.Post(who, server, path, form):
                running = self._servers[server].running
                await self._player(who).ask(server, running, "POST", path, form)
            case acts.Send(who, frame):
                await self._player(who).send(frame)
            case acts.Close(who):
                await self._player(who).close()
            case acts.Drop(who):
                await self._player(who).drop()

    async def _serve(self, act: acts.Serve) -> None:
        is_first = not self._servers  # the database is made once, and filled
        options = self._options(ServerOptions()).adding(act.environment)
        log = self._folder / f"{act.server}.log"

        def start(fills: bool = False) -> ProjectServer:
            served = replace(options, migrate=fills, demo=fills)
            return self._supervisor.serve(self._project, log, served)

        running = await asyncio.to_thread(start, is_first)
        self._servers[act.server] = _Server(start, "uvicorn", log, running)
        self._tell_up(act.server)

    async def _run(self, act: acts.Run) -> None:
        for name in act.laid:
            shutil.copyfile(self._demo.lesson.folder / copybook.FOLDER / name, self._project / name)
        options = self._options(ServerOptions(act.settings or OWN_SETTINGS))
        log, ready = self._folder / f"{act.server}.log", re.compile(act.ready)
        log.touch()

        def start() -> ProjectServer:
            program = self._supervisor.start_program(self._project, act.command, options, log)
            port = int(program.until(ready)[1])
            return ProjectServer(program.process, port, self._project, log)

        running = await asyncio.to_thread(start)
        self._servers[act.server] = _Server(start, " ".join(act.command[:2]), log, running)
        self._tell_up(act.server)

    def _options(self, options: ServerOptions) -> ServerOptions:
        redis = {VARIABLE: self._redis.url} if self._redis else {}
        return options.adding({**self._environment, **redis})

    def _tell_up(self, name: str) -> None:
        server = self._servers[name]
        self._tell(ServerUp(name, server.running.origin, server.program))

    async def _end(self, name: str) -> None:
        """End a server; return when those who were connected to it know."""
        await asyncio.to_thread(self._servers[name].running.stop)
        self._tell(ServerDown(name))
        connected = [player for player in self._players.values() if player.server == name]
        await self._bell.until(lambda: not any(player.is_open for player in connected))

    async def _start_redis(self) -> None:
        start = self._redis.restarted if self._redis else self._supervisor.another_redis
        self._redis = await asyncio.to_thread(start)
        self._tell(RedisIs(True))

    def _answer(self, name: str, call: Call) -> None:
        service = self._services[name]
        call.answer(service.answer)
        self._tell(ServiceIs(name, len(service.rendezvous.present())))

    def _fill(self, fill: Fill, is_new: bool = True) -> None:
        lesson = self._demo.lesson
        before = copybook.write(lesson, fill, self._project)
        text = copybook.shown_text(lesson, fill)
        changed = copybook.changed_lines(before, text) if is_new else []
        path = copybook.path_of(lesson, fill).as_posix()
        self._tell(Filled(fill.section or fill.file, path, text, changed))

    def _player(self, name: str) -> Player:
        if name not in self._players:
            self._players[name] = Player(name, self._tell, self._bell)
        return self._players[name]

    def _process_of(self, server: str) -> Callable[[], ProjectServer]:
        return lambda: self._servers[server].running

    # ---- What must be seen.

    async def _see(self, outcome: AnyOutcome) -> None:
        match outcome:
            case outcomes.FrameCame(who, frame):
                player = self._player(who)
                await self._bell.until(lambda: player.seen < len(player.received))
                if not player.next_is(frame):
                    raise Mismatch("", str(player.received[player.seen - 1]))
            case outcomes.Count(who, frame, times):
                if self._player(who).count(frame) != times:
                    raise Mismatch("", self._met(outcome))
            case outcomes.Opened(who):
                await self._bell.until(lambda: self._player(who).is_open)
            case outcomes.ClosedWith(who, code):
                player = self._player(who)
                await self._bell.until(lambda: player.closed_with is not None)
                if player.closed_with != code:
                    raise Mismatch("", self._met(outcome))
            case outcomes.RefusedWith(who, status):
                if self._player(who).refused_with != status:
                    raise Mismatch("", self._met(outcome))
            case outcomes.Answered(who, status, holds):
                player = self._player(who)
                await self._bell.until(lambda: player.answer is not None)
                assert player.answer is not None
                if player.answer.status_code != status or holds not in player.answer.text:
                    raise Mismatch("", self._met(outcome))
            case outcomes.LogLine(server, pattern):
                await self._log_line(server, re.compile(pattern))
            case outcomes.Asked(name):
                service = self._services[name]
                (call, *_more) = await service.rendezvous.waiting(1, Patience(self._patience))
                asyncio.get_running_loop().call_later(
                    _HOLDS_AT_MOST, self._answer_in_time, name, call
                )
                self._tell(ServiceIs(name, len(service.rendezvous.present())))
            case outcomes.Beats(who):
                await self._hearts[who].beats()
            case outcomes.StandsStill(who):
                await self._stands_still(self._hearts[who])
            case outcomes.HeldUp(who, by):
                await self._held_up(self._hearts[who], self._player(by))

    def _answer_in_time(self, name: str, call: Call) -> None:
        if call in self._services[name].rendezvous.present():
            self._answer(name, call)

    async def _stands_still(self, heart: Heart) -> None:
        """See that the heart's server does not answer, where a twin, asked later, has answered."""
        begin = self._servers[heart.server].running.log_size()
        path = await heart.asks_once_more()
        self._standing[heart.name] = begin, path
        log, options = self._folder / "twin.log", self._options(ServerOptions())
        twin = await asyncio.to_thread(self._supervisor.serve, self._project, log, options)
        try:
            client = Client(twin, Timeline(), heart.name, Patience(self._patience))
            await client.get(path)
            await client.leave()
        finally:
            await asyncio.to_thread(twin.stop)
        if heart.was_answered:
            raise Mismatch("", message("it was answered before"))

    async def _held_up(self, heart: Heart, player: Player) -> None:
        """See, in the server's own log, that it has answered the heart after the player."""
        begin, path = self._standing[heart.name]
        heart_line, player_line = f'"GET {path} ', f'"GET {player.asked} '
        async with contextlib.aclosing(self._log_of(heart.server, begin)) as log:
            async for text in log:
                if heart_line in text and player_line in text:
                    if text.index(heart_line) < text.index(player_line):
                        raise Mismatch("", message("it was answered before"))
                    return

    async def _log_line(self, name: str, pattern: re.Pattern[str]) -> None:
        server = self._servers[name]
        async with contextlib.aclosing(self._log_of(name, server.read)) as log:
            async for text in log:
                for line in re.finditer(".*\n", text):
                    if pattern.search(line[0]):
                        server.read += len(text[: line.end()].encode())
                        shown = line[0].strip().replace(f"{self._project}{os.sep}", "")
                        self._tell(Printed(name, shown))
                        return

    async def _log_of(self, name: str, begin: int) -> AsyncGenerator[str, None]:
        """Yield what `name` has printed after its first `begin` bytes: now, and whenever it prints."""
        server = self._servers[name]
        looks = watchfiles.awatch(
            server.log, step=20, debounce=100, rust_timeout=_LOOK_AGAIN, yield_on_timeout=True
        )
        async with contextlib.aclosing(looks):
            yield server.running.log_since(begin)
            async for _event in looks:
                yield server.running.log_since(begin)

    def _met(self, outcome: AnyOutcome) -> Message | str:
        """Return what there was in place of an outcome that did not come."""
        match outcome:
            case outcomes.Count(who, frame):
                return message("{n} of them came", n=self._player(who).count(frame))
            case outcomes.Opened(who) | outcomes.ClosedWith(who) | outcomes.RefusedWith(who):
                player = self._player(who)
                if player.is_open:
                    return message("the connection is open")
                if player.closed_with:
                    code = player.closed_with
                    return message("the connection was closed with code {code}", code=code)
                status = player.refused_with
                return message("the handshake was refused with HTTP {status}", status=status)
            case outcomes.Answered(who):
                answer = self._player(who).answer
                return f"HTTP {answer.status_code}" if answer else message("no answer")
            case _:
                return message("nothing came")
