"""Serves the project of the lesson that the learner is at, and judges it at each save.

Everything happens in one asyncio loop. Whatever lesson the learner saves in, starts or opens is the
one they are at.
"""

import asyncio
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from socket import socket

from ..course.copies import write_project
from ..course.lesson import Lesson
from ..errors import WorkshopError
from ..judging.events import Began, CheckEnded, Ended, Event, NotJudged, Printed
from ..judging.failure import DoesNotRun
from ..judging.judge import Judge
from ..language import verbatim
from ..learner.attempt import Attempt, own_attempt
from ..learner.hints import next_hint
from ..learner.overview import standings
from ..learner.progress import LessonState, Progress
from ..learner.workspace import Workspace
from .class_link import ClassLink
from .printed import OwnLines, lines_printed
from .project_address import ProjectAddress, StartCancelled, Watched
from .saves import Saves, follow_reference
from .services import Services
from .site import SiteBuilder
from .state import Line, Listener, State

#: How many of the project's last lines are kept.
_LINES_KEPT = 200
#: Seconds without a save that end a burst of them: to begin a check and to cancel it costs more.
_QUIET = 0.2


@dataclass(frozen=True)
class _Request:
    """Something to do: serve the project of `lesson` again, if `serve`, then judge it."""

    lesson: Lesson
    changed: tuple[PurePosixPath, ...] = ()
    serve: bool = True


class Controller:
    """What `up` does, from `run` until `stop`; `state` is how things stand.

    `has_ended` once `run` is over; `error` is what it has raised, which is a fault of ours.

    `lessons` is the course, `lesson` where to begin, `listener` the socket for the project, which is
    `watched`; `link` leads to the class that the learner has joined. All but `run` returns at once, and
    is called in its loop.
    """

    def __init__(
        self,
        lessons: Sequence[Lesson],
        lesson: Lesson,
        listener: socket,
        *,
        judge: Judge | None = None,
        project: ProjectAddress | None = None,
        watched: Watched | None = None,
        link: ClassLink | None = None,
    ) -> None:
        self.lessons = list(lessons)
        self.listeners: list[Listener] = []
        self.has_ended = False
        self.error: BaseException | None = None
        self._workspace = Workspace()
        self._kept = ExitStack()
        folder = tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True)
        # Resolved, since a traceback names real paths.
        self._folder = Path(self._kept.enter_context(folder)).resolve()
        self._log = self._folder / "printed.log"
        self._log.touch()
        self._services = self._kept.enter_context(Services())
        project = project or ProjectAddress(listener, self._log, watched=watched)
        self._project = self._kept.enter_context(project)
        self._judge = self._kept.enter_context(judge or Judge())
        self._state = State(lesson, self._project.address, LessonState())
        self._progress = Progress()
        self._saves = Saves(self.lessons, self._workspace, self._progress)
        self._pending: _Request | None = None
        self._woken = asyncio.Event()
        self._stopping = False
        self._is_judging = False  # a job is under way that can be cancelled
        self._is_stale = True  # what is served is not what is to be served
        self._change(folder=self._folder_of(lesson), **self._reached(lesson))
        self.link = link
        if link:
            link.attach(lambda: self.state, lambda attendance: self._change(attendance=attendance))
            self.listeners.append(link)
            self._change(attendance=link.attendance)

    @property
    def state(self) -> State:
        """How things stand now."""
        return self._state

    # ---- Beginning and end.

    async def run(self) -> None:
        """Serve and judge the first lesson, then follow what happens until `stop`."""
        try:
            self._judge.warm()
            self._request(_Request(self.state.lesson))
            async with asyncio.TaskGroup() as group:
                beside = [
                    group.create_task(self._saves.follow(self._saved)),
                    group.create_task(follow_reference(self.lessons, self._reference_saved)),
                    group.create_task(self._follow_log()),
                    group.create_task(self._settle_site()),
                ]
                if self.link:
                    beside.append(group.create_task(self.link.run()))
                await self._work()
                for task in beside:
                    task.cancel()
        except BaseException as error:
            self.error = error
            raise
        finally:
            self.has_ended = True
            await asyncio.to_thread(self._kept.close)

    def stop(self) -> None:
        """Let `run` end. Nothing more is announced: what is ending is no verdict."""
        self._stopping = True
        self._wake()

    # ---- What people ask for.

    def judge_again(self) -> None:
        """Judge without a save."""
        self._request(_Request(self.state.lesson, serve=self.state.broken is not None))

    def open_lesson(self, name: str) -> None:
        """Turn to a lesson, started or not."""
        if lesson := self._named(name):
            self._request(_Request(lesson))

    def start_lesson(self, name: str) -> None:
        """Make the learner's folder for a lesson, if there is none, and turn to it."""
        if lesson := self._named(name):
            try:
                self._workspace.start(lesson)
            except WorkshopError as error:
                self._change(problem=error)
            else:
                self._saves.accept(lesson)
                self._request(_Request(lesson))

    def show_hint(self, task_id: str) -> None:
        """Show one more of a task's hints."""
        lesson = self.state.lesson
        if any(task.id == task_id for task in lesson.tasks):
            next_hint(lesson, task_id, self._progress)
            self._change(progress=self._progress.lesson_state(lesson))

    def _named(self, name: str) -> Lesson | None:
        return next((lesson for lesson in self.lessons if lesson.name == name), None)

    # ---- What is followed.

    def _saved(self, lesson: Lesson, changed: list[PurePosixPath]) -> None:
        is_here = lesson is self.state.lesson and self.state.folder is not None
        # Nothing is new where ours was merely touched, by ourselves; or another one was removed.
        if (changed and is_here) or (not is_here and self._folder_of(lesson)):
            self._request(_Request(lesson, tuple(changed)))

    def _reference_saved(self, lesson: Lesson, changed: list[PurePosixPath]) -> None:
        if lesson is self.state.lesson:
            self._change(reference_saved=tuple(changed))

    async def _follow_log(self) -> None:
        own = OwnLines()
        async for lines in lines_printed(self._log):
            self._add_lines(own.of(lines))

    async def _settle_site(self) -> None:
        self._change(site=await SiteBuilder().settle())

    # ---- One request after the other; a newer one ends what is under way.

    def _request(self, request: _Request) -> None:
        pending = self._pending
        if pending and pending.lesson is request.lesson:
            changed = tuple(sorted({*pending.changed, *request.changed}))
            request = replace(request, changed=changed, serve=pending.serve or request.serve)
        self._pending = request
        self._wake()

    def _wake(self) -> None:
        self._woken.set()
        self._project.cancel_start()
        if self._is_judging or self._stopping:
            self._judge.cancel()

    @property
    def _is_outdated(self) -> bool:
        """Whether what is being done is wanted no more."""
        return self._stopping or self._pending is not None

    async def _work(self) -> None:
        while not self._stopping:
            await self._woken.wait()
            self._woken.clear()
            request, self._pending = self._pending, None
            if request is None:
                continue
            try:
                await self._fulfil(request)
            except WorkshopError as error:
                self._change(so_far=None, problem=error)
            except OSError as error:  # a full disk, say: the next save may find it fixed
                self._change(so_far=None, problem=WorkshopError(verbatim(str(error))))
            except Exception:
                # Ctrl-C reaches our children as well, whatever we are waiting for from them.
                if not self._stopping:
                    raise
            if self._pending is not None:
                await self._end_of_burst()

    async def _end_of_burst(self) -> None:
        with suppress(TimeoutError):
            while not self._stopping:
                self._woken.clear()
                async with asyncio.timeout(_QUIET):
                    await self._woken.wait()
        self._woken.set()

    async def _fulfil(self, request: _Request) -> None:
        lesson = request.lesson
        folder = self._folder_of(lesson)
        if lesson is not self.state.lesson or folder != self.state.folder:
            self._turn_to(lesson, folder)
        # Stays so where the start is cancelled by a request that would not serve by itself.
        self._is_stale = self._is_stale or request.serve
        if not self._is_stale:
            if folder:
                await self._judge_work(lesson, request)
            return
        environment = await asyncio.to_thread(self._services.environment, lesson)
        if self._services.redis is not self.state.redis:
            self._change(redis=self._services.redis)
        project = folder if folder else await asyncio.to_thread(self._reference, lesson)
        if self._is_outdated:
            return
        try:
            broken = await asyncio.to_thread(self._project.load, lesson, project, environment)
        except StartCancelled:
            return
        if self._is_outdated:
            return
        self._is_stale = False
        exchange = asyncio.create_task(asyncio.to_thread(self._project.exchange))
        try:
            # What does not start needs no check to say so.
            if folder and not broken:
                await self._judge_work(lesson, request, exchange)
        finally:
            await exchange
        if broken or not folder:
            self._served(request, broken)

    def _served(self, request: _Request, broken: DoesNotRun | None) -> None:
        self._change(
            broken=broken,
            changed=request.changed,
            at=datetime.now(),
            so_far=None,
            problem=None,
            reference_saved=() if request.changed else self.state.reference_saved,
        )

    def _turn_to(self, lesson: Lesson, folder: Path | None) -> None:
        """Forget the lesson before, or what was seen of this one before it was started."""
        self._is_stale = True
        if folder:
            self._saves.touch(lesson)
        seen, progress = self.state, self._progress.lesson_state(lesson)
        fresh = State(
            lesson,
            seen.address,
            progress,
            folder=folder,
            lines=seen.lines,
            redis=seen.redis,
            site=seen.site,
            attendance=seen.attendance,
        )
        self._replace(replace(fresh, **self._reached(lesson)))  # type: ignore[arg-type]

    def _reference(self, lesson: Lesson) -> Path:
        """Return a copy of the reference: what a project writes must not land in lessons/."""
        folder = self._folder / lesson.name
        if not folder.is_dir():
            write_project(lesson, folder)
        return folder

    async def _judge_work(
        self, lesson: Lesson, request: _Request, exchange: "asyncio.Task[None] | None" = None
    ) -> None:
        """Judge the learner's work, while it takes its place at the address that people see."""
        attempt = own_attempt(lesson)
        events = self._judge.judge(attempt.job())
        upcoming = _next_of(events)
        if exchange:
            await exchange
        self._served(request, None)
        self._change(so_far=(), to_run=0, places=tuple(self._workspace.places(lesson)))
        while (event := await upcoming) is not None:
            self._is_judging = not isinstance(event, Ended | NotJudged)
            if self._is_outdated:
                self._judge.cancel()
            else:
                self._heard(event, attempt)
            upcoming = _next_of(events)
        self._is_judging = False
        # The next one gets ready while the learner types.
        self._judge.warm()
        if not self._is_outdated:
            self._judge.warm_spare()

    def _heard(self, event: Event, attempt: Attempt) -> None:
        match event:
            case Began(checks=checks):
                starts = self.state.verdict and not self.state.verdict.broken
                self._change(to_run=len(checks), judged=self.state.judged if starts else None)
            case CheckEnded(result=result):
                self._change(so_far=(*(self.state.so_far or ()), result))
            case Printed(lines=lines):
                self._add_lines(lines, while_checked=True)
            case NotJudged(message=message, fix=fix):
                self._change(so_far=None, problem=WorkshopError(message, fix))
            case Ended(verdict=verdict):
                judged = attempt.judged(verdict)
                reached = self._reached(attempt.lesson)
                self._change(so_far=None, judged=judged, at=datetime.now(), **reached)

    # ---- The state.

    def _folder_of(self, lesson: Lesson) -> Path | None:
        return self._workspace.folder(lesson) if self._workspace.is_started(lesson) else None

    def _reached(self, lesson: Lesson) -> dict[str, object]:
        """Return what the learner's files say of `lesson` and the course, as parts of the state."""
        return {
            "progress": self._progress.lesson_state(lesson),
            "course": tuple(standings(self.lessons, self._workspace, self._progress)),
            "places": tuple(self._workspace.places(lesson)) if self._folder_of(lesson) else (),
        }

    def _add_lines(self, texts: Iterable[str], while_checked: bool = False) -> None:
        lines = self.state.lines
        first = lines[-1].number + 1 if lines else 1
        added = [Line(number, text, while_checked) for number, text in enumerate(texts, first)]
        if added:
            self._change(lines=(*lines, *added)[-_LINES_KEPT:])

    def _change(self, **fields: object) -> None:
        self._replace(replace(self._state, **fields))  # type: ignore[arg-type]

    def _replace(self, state: State) -> None:
        """Let `state` be how things stand, and say so to everybody who listens."""
        before, self._state = self._state, state
        if not self._stopping:
            for listener in self.listeners:
                listener(before, state)


def _next_of(events: Iterator[Event]) -> "asyncio.Task[Event | None]":
    """Wait, in a thread, for the next event; None after the last."""
    return asyncio.create_task(asyncio.to_thread(next, events, None))
