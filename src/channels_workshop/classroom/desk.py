"""The desk: serves the project of the lesson that the learner is at, and checks it at each save.

Whatever lesson the learner saves in, or starts, is the one they are at.
"""

import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from queue import Empty, SimpleQueue
from typing import Literal

from ..checking.running import check
from ..checking.telling import Failure
from ..checking.verdict import Result
from ..course.lesson import Lesson
from ..course.reference import write_project
from ..language import Language, current, speak
from ..learner.checking import Failures
from ..learner.hints import next_hint
from ..learner.progress import LessonState, Progress
from ..learner.watch import changes
from ..learner.workspace import Workspace
from ..serving.backstage import Backstage
from ..serving.redis import PeoplesRedis
from ..trouble import Trouble
from .board import Audience, Board
from .ports import address_of
from .printed import lines_printed
from .running_project import RunningProject, StartAbandoned
from .services import Services

_Event = Literal["board_changed", "project_served", "verdict_given"]

#: How many of the project's last lines stay on the board.
_LINES_KEPT = 60


@dataclass(frozen=True)
class _Order:
    """Something to do: serve the project of `lesson` anew if `serve`, then check it."""

    lesson: Lesson
    changed: tuple[PurePosixPath, ...] = ()
    serve: bool = True


class Desk:
    """Serves, watches and checks, in threads of its own, from `open` to `close`.

    `lessons` is the course, `lesson` where to begin, `listener` the socket for the project.
    """

    def __init__(self, lessons: Sequence[Lesson], lesson: Lesson, listener: socket.socket) -> None:
        self.lessons = list(lessons)
        self.audiences: list[Audience] = []
        self._workspace = Workspace()
        self._lock = threading.RLock()  # of the board, and of telling about it
        self._board = Board(lesson, address_of(listener), LessonState())
        self._progress = Progress(notice=self._tell_trouble)
        self._change(state=self._progress.lesson_state(lesson))
        self._orders: SimpleQueue[_Order | None] = SimpleQueue()
        self._stop = threading.Event()
        self._is_stale = True  # what is served is not what is to be served
        self._threads: list[threading.Thread] = []
        self._kept = ExitStack()
        room = tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True)
        # Resolved, since a traceback names real paths.
        self._room = Path(self._kept.enter_context(room)).resolve()
        self._log = self._room / "printed.log"
        self._log.touch()
        self._services = self._kept.enter_context(Services(self._tell_redis))
        self._project = self._kept.enter_context(RunningProject(listener, self._log))

    @property
    def board(self) -> Board:
        """How things stand now."""
        return self._board

    def tell_everybody(self) -> None:
        """Let everybody look again: something beside the desk has changed."""
        self._change()

    def folder_of(self, lesson: Lesson) -> Path | None:
        """Return the learner's folder for `lesson`, None where it is not started."""
        return self._workspace.folder(lesson) if self._workspace.is_started(lesson) else None

    # ---- Beginning and end.

    def open(self) -> None:
        """Serve and check the first lesson, and go on until `close`."""
        self._put(_Order(self.board.lesson))
        self._start_thread(self._work)
        self._start_thread(self._follow_print)
        for lesson in self.lessons:
            # From now on: what is saved before the thread runs counts as well.
            saves = changes(lesson, self._workspace.folder(lesson), self._stop)
            self._start_thread(self._watch, lesson, saves)

    def finish(self) -> None:
        """Let nothing more be said: what is ending is no verdict. Returns at once."""
        self._stop.set()

    def close(self) -> None:
        """End the check that runs, the project and the threads; leave no file behind."""
        self.finish()
        self._put(None)
        for thread in self._threads:
            thread.join()
        self._kept.close()

    def _start_thread(self, target: Callable[..., None], *arguments: object) -> None:
        # Daemons: a second Ctrl-C does not wait for them.
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)

    # ---- What people ask for.

    def speak(self, language: Language) -> None:
        """Speak `language` from now on, and check again where that is told another way in it."""
        if language == current():
            return
        speak(language)
        # A check that finds no language chosen looks here.
        os.environ["WORKSHOP_LANG"] = language
        if self.board.first_failure or self.board.trouble or self.board.is_checking:
            self._put(_Order(self.board.lesson, self.board.changed, serve=False))

    def check_again(self) -> None:
        """Check without a save."""
        self._put(_Order(self.board.lesson, serve=self.board.broken != ""))

    def start_lesson(self, name: str) -> None:
        """Make the learner's folder for a lesson; watching then notices it."""
        for lesson in self.lessons:
            if lesson.name == name:
                try:
                    self._workspace.start(lesson)
                except Trouble as trouble:
                    self._tell_trouble(str(trouble))

    def show_hint(self, task_id: str) -> None:
        """Show one more rung of a task's ladder."""
        lesson = self.board.lesson
        if any(task.id == task_id for task in lesson.tasks):
            next_hint(lesson, task_id, self._progress)
            self._change(state=self._progress.lesson_state(lesson))

    # ---- The threads.

    def _watch(self, lesson: Lesson, saves: Iterator[list[PurePosixPath]]) -> None:
        for changed in saves:
            self._put(_Order(lesson, tuple(changed)))

    def _follow_print(self) -> None:
        for lines in lines_printed(self._log, self._stop):
            self._change(printed=(*self.board.printed, *lines)[-_LINES_KEPT:])
            with self._lock:
                for audience in self.audiences:
                    audience.lines_printed(lines)

    def _work(self) -> None:
        try:
            with Backstage() as backstage:
                backstage.warm()
                while (order := self._next_order()) is not None:
                    self._try_to_fulfil(order, backstage)
                    backstage.warm()  # the next server gets ready while the learner types
        except Exception:
            # Ctrl-C reaches our children as well, whatever we are waiting for from them.
            if not self._stop.is_set():
                raise

    def _try_to_fulfil(self, order: _Order, backstage: Backstage) -> None:
        try:
            self._fulfil(order, backstage)
        except Trouble as trouble:
            self._tell_trouble(str(trouble))
        except OSError as error:  # a full disk, say: the next save may find it mended
            self._tell_trouble(str(error))

    def _next_order(self) -> _Order | None:
        """Wait for an order; several that came meanwhile are one. None at the end."""
        order = self._orders.get()
        while order is not None:
            try:
                later = self._orders.get_nowait()
            except Empty:
                return order
            if later is not None and later.lesson == order.lesson:
                later = replace(
                    later,
                    changed=tuple(sorted({*order.changed, *later.changed})),
                    serve=order.serve or later.serve,
                )
            order = later
        return None

    def _fulfil(self, order: _Order, backstage: Backstage) -> None:
        lesson = order.lesson
        folder = self.folder_of(lesson)
        if lesson != self.board.lesson or folder != self.board.folder:
            self._begin(lesson, folder)
        # Stays so where the start is given up for an order that would not serve by itself.
        self._is_stale = self._is_stale or order.serve
        if self._is_stale:
            try:
                variables = self._services.environment(lesson)
                broken = self._project.serve(folder or self._reference(lesson), variables)
            except StartAbandoned:
                return
            self._is_stale = False
            # What does not start needs no check to say so.
            is_checked = folder is not None and not broken
            self._change(
                "project_served",
                broken=broken,
                changed=order.changed,
                at=datetime.now(),
                so_far=() if is_checked else None,
                failures_so_far={},
            )
        if folder is not None and not self.board.broken:
            self._check(lesson, folder, order.changed, backstage)

    def _put(self, order: _Order | None) -> None:
        self._orders.put(order)
        self._project.abandon_start()

    def _is_outdated(self) -> bool:
        """Tell whether what is being done is wanted no more."""
        return self._stop.is_set() or not self._orders.empty()

    def _begin(self, lesson: Lesson, folder: Path | None) -> None:
        """Wipe the board: it is another lesson's now, or the lesson was just started."""
        self._is_stale = True
        state = self._progress.lesson_state(lesson)
        places = tuple(self._workspace.places(lesson)) if folder else ()
        with self._lock:
            self._board = Board(lesson, self._project.address, state, folder, places=places)
        self._change()

    def _reference(self, lesson: Lesson) -> Path:
        """Return a copy of the reference: what a project writes must not land in lessons/."""
        folder = self._room / lesson.name
        if not folder.is_dir():
            write_project(lesson, folder)
        return folder

    def _check(
        self,
        lesson: Lesson,
        folder: Path,
        changed: tuple[PurePosixPath, ...],
        backstage: Backstage,
    ) -> None:
        failures: Failures = {}
        places = tuple(self._workspace.places(lesson))
        self._change(so_far=(), failures_so_far={}, changed=changed, trouble="", places=places)
        begun = {task.id for task in self.board.begun_tasks}

        def keep(result: Result, failure: Failure | None) -> None:
            if self._is_outdated():
                raise KeyboardInterrupt  # as Ctrl-C would: something newer is to be checked
            if result.status == "fail" and result.task in begun:
                failures[result.id] = failure
            # Told at once: the learner need not wait for the checks that come after it.
            so_far = (*(self.board.so_far or ()), result)
            self._change(so_far=so_far, failures_so_far={**failures})

        try:
            verdict = check(lesson, folder, backstage, on_result=keep)
        except KeyboardInterrupt:
            return
        if self._stop.is_set():
            return  # Ctrl-C may have ended the checked server too
        self._progress.record(lesson, verdict)
        self._change(
            "verdict_given",
            so_far=None,
            verdict=verdict,
            failures=failures,
            at=datetime.now(),
            state=self._progress.lesson_state(lesson),
        )

    # ---- The board.

    def _tell_redis(self, redis: PeoplesRedis) -> None:
        with self._lock:
            for audience in self.audiences:
                audience.redis_chosen(redis)

    def _tell_trouble(self, trouble: str) -> None:
        self._change("verdict_given", so_far=None, trouble=trouble)

    def _change(self, event: _Event = "board_changed", **fields: object) -> None:
        """Put `fields` on the board and tell everybody."""
        with self._lock:
            self._board = replace(self._board, **fields)  # type: ignore[arg-type]
            for audience in self.audiences:
                getattr(audience, event)(self._board)
