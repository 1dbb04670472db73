"""`run`: one project as a server, for people, until Ctrl-C."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

from ..course.further import lay_further
from ..course.lesson import Lesson
from ..course.reference import write_project
from ..learner.watch import changes
from ..learner.workspace import Workspace
from ..serving.redis import PeoplesRedis
from .ports import listen
from .running_project import RunningProject
from .services import Services


class Runner:
    """Whoever typed `run`: is told what happens."""

    def served(self, address: str, broken: str) -> None:
        """The project is served at `address`; `broken` is why it does not start, or empty."""

    def redis_chosen(self, redis: PeoplesRedis) -> None:
        """The lesson has a Redis beside it; this one is used."""


@dataclass(frozen=True)
class Choice:
    """What is to be served: the reference of `lesson`, or the learner's project if `mine`.

    `further` names an overlay that is laid over the reference.
    """

    lesson: Lesson
    mine: bool = False
    further: str | None = None


def run_project(choice: Choice, port: int, workers: int, runner: Runner) -> bool:
    """Serve a project until Ctrl-C.

    The learner's is served anew at each save. Returns False where the project ended by itself.
    Raises Trouble where the lesson is not started, has no such overlay, or no port is free.
    """
    lesson, mine = choice.lesson, choice.mine
    with ExitStack() as kept:
        folder = Workspace().started_folder(lesson) if mine else kept.enter_context(_copy(choice))
        listener = kept.enter_context(listen(port))
        saves = changes(lesson, folder) if mine else None
        services = kept.enter_context(Services(runner.redis_chosen))
        variables = services.environment(lesson)
        project = kept.enter_context(RunningProject(listener, workers=workers))
        runner.served(project.address, project.serve(folder, variables))
        try:
            if saves is None:
                wait(project.sentinels)
                return False
            for _changed in saves:
                runner.served(project.address, project.serve(folder, variables))
        except KeyboardInterrupt:
            return True
        return False


@contextmanager
def _copy(choice: Choice) -> Iterator[Path]:
    """Give a copy of the reference: what a project writes must not land in lessons/."""
    lesson = choice.lesson
    with tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True) as room:
        # Resolved, since a traceback names real paths.
        folder = Path(room).resolve() / lesson.name
        write_project(lesson, folder)
        if choice.further is not None:
            lay_further(lesson, choice.further, folder)
        yield folder
