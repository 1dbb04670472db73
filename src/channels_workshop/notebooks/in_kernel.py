"""A lesson's project inside the kernel: its models and consumers, to be called by hand."""

import atexit
import os
import sys
import tempfile
from pathlib import Path

from ..course.copies import write_project
from ..course.lessons import find_lesson
from ..errors import WorkshopError
from ..language import message
from ..processes.management import run_commands

_entered: Path | None = None


def enter_project(lesson: str) -> Path:
    """Make the finished project of `lesson` importable in this kernel, and return its folder.

    It is a copy, with a migrated database of its own, that goes with the kernel. Django knows one
    project in a process: a second call returns the same folder. Raises WorkshopError where that is
    another lesson's, and RuntimeError where the database cannot be made.
    """
    global _entered
    found = find_lesson(lesson)
    if _entered is not None:
        if _entered.name != found.name:
            raise WorkshopError(
                message("Django is set up for {lesson} in this kernel.", lesson=_entered.name),
                message("Restart the kernel."),
            )
        return _entered
    folder = tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    project = Path(folder.name).resolve() / found.name
    write_project(found, project)
    # In a process of its own: a kernel has a running event loop, where Django refuses sync queries.
    migrated = run_commands(project, [["migrate"]])[0]
    if migrated.exit_code != 0:
        raise RuntimeError(migrated.errors)
    sys.path.insert(0, str(project))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    _entered = project
    return project
