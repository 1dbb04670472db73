"""A project's own `manage.py` commands, run in a process that has Django imported already."""

import contextlib
import io
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path

from .children import CAN_FORK, start_child
from .options import OWN_SETTINGS, ServerOptions, project_environment
from .project import Start, as_number, as_text, read_word
from .project_process import enter, say

#: Seconds after which commands that have not ended are ended.
_LIMIT = 120.0
#: Bytes of what is said of all commands together: nobody prints more that we know.
_AT_MOST = 2**20


@dataclass(frozen=True)
class Ran:
    """What came of one command; `exit_code` is None where the process itself was lost."""

    exit_code: int | None
    printed: str = ""
    errors: str = ""


def run_commands(
    project: Path,
    commands: Sequence[Sequence[str]],
    environment: Mapping[str, str] | None = None,
    *,
    forks: bool = CAN_FORK,
    start: Start | None = None,
) -> list[Ran]:
    """Run each `manage.py COMMAND…` in `project`, one after the other, and return what came of them.

    They see `environment` and what any program needs, as a project's server does. `start` starts the
    process, where that is not done by `start_child`.
    """
    whole = project_environment(ServerOptions(OWN_SETTINGS, environment or {}))
    start = start or partial(start_child, forks=forks)
    process, ours = start(_run, project, commands, whole)
    came: list[Ran] = []
    ends_at, left = time.monotonic() + _LIMIT, _AT_MOST
    with ours:
        while len(came) < len(commands) and wait(
            [ours, process.sentinel], max(0, ends_at - time.monotonic())
        ):
            try:
                ran = _read(ours, left)
                left -= len(ran.printed) + len(ran.errors)
                came.append(ran)
            except (EOFError, OSError):  # lost, or no word of ours
                break
    process.kill()
    process.join()
    return came + [Ran(None)] * (len(commands) - len(came))


def _read(pipe: Connection, longest: int) -> Ran:
    """Return what is said of the next command. Raises EOFError or OSError where nothing is."""
    word = read_word(pipe, max(0, longest))
    if not isinstance(word, list) or len(word) != 3:
        raise OSError("no word of ours")
    code, printed, errors = word
    return Ran(as_number(code), as_text(printed), as_text(errors))


def _run(
    pipe: Connection, project: Path, commands: Sequence[Sequence[str]], environment: dict[str, str]
) -> None:
    enter(project, environment)
    for command in commands:
        say(pipe, astuple(_run_one(command)))


def _run_one(command: Sequence[str]) -> Ran:
    printed, errors = io.StringIO(), io.StringIO()
    exit_code = 0
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
        try:
            from django.core.management import execute_from_command_line

            execute_from_command_line(["manage.py", *command])
        except SystemExit as end:
            exit_code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:  # a learner's file may raise anything
            errors.write(traceback.format_exc())
            exit_code = 1
    return Ran(exit_code, printed.getvalue(), errors.getvalue())
