"""`run`: one project as a server, for people, until Ctrl-C."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import wait
from pathlib import Path

from ..course.lesson import Lesson
from ..course.reference import write_project
from ..learner.watch import changes
from ..learner.workspace import Workspace
from .ports import listen
from .running_project import RunningProject

#: Called whenever a project is served: its address, and why it does not start or an empty text.
Told = Callable[[str, str], None]


def run_project(lesson: Lesson, mine: bool, port: int, workers: int, told: Told) -> bool:
    """Serve the reference of `lesson`, or the learner's project if `mine`, until Ctrl-C.

    The learner's is served anew at each save. Returns False where the project ended by itself.
    Raises Trouble where the lesson is not started or no port is free.
    """
    with ExitStack() as kept:
        folder = Workspace().started_folder(lesson) if mine else kept.enter_context(_copy(lesson))
        listener = kept.enter_context(listen(port))
        saves = changes(lesson, folder) if mine else None
        project = kept.enter_context(RunningProject(listener, workers=workers))
        told(project.address, project.serve(folder))
        try:
            _wait(project, folder, saves, told)
        except KeyboardInterrupt:
            return True
        return False


def _wait(
    project: RunningProject, folder: Path, saves: Iterator[object] | None, told: Told
) -> None:
    if saves is None:
        wait(project.sentinels)
        return
    for _changed in saves:
        told(project.address, project.serve(folder))


@contextmanager
def _copy(lesson: Lesson) -> Iterator[Path]:
    """Give a copy of the reference: what a project writes must not land in lessons/."""
    with tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True) as room:
        # Resolved, since a traceback names real paths.
        folder = Path(room).resolve() / lesson.name
        write_project(lesson, folder)
        yield folder
