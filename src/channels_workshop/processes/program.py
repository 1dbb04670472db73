"""Any other Python program of a project, such as its `manage.py runserver`, until it says something."""

import os
import queue
import re
import runpy
import sys
import threading
import traceback
from collections.abc import Sequence
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path

from ..language import message
from .children import CAN_FORK, START_LIMIT, Child, FailedToStart, start_child
from .options import ServerOptions, project_environment
from .project import Start, as_number, as_text, read_word
from .project_process import enter, say

#: Characters of what it prints. More is no output, it is a flood.
_PRINTS_AT_MOST = 2**23


class Program:
    """A running program. What it prints, on either stream, is appended to `log`.

    It is ended where it prints without end.
    """

    def __init__(self, process: Child, pipe: Connection, log: Path | None) -> None:
        self.process = process
        self._pipe = pipe
        self._log = log
        self._printed: list[str] = []
        #: Lines, then None.
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._exit_code: int | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def until(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Return the first match of `pattern` in a line that it prints from now on.

        Raises FailedToStart, with all that it has printed, where it ends before, or has not said it
        within START_LIMIT seconds.
        """
        try:
            while (line := self._lines.get(timeout=START_LIMIT)) is not None:
                if found := pattern.search(line):
                    return found
            reason = ""
        except queue.Empty:
            reason = str(message("It was not ready after {n:.0f} s.", n=START_LIMIT))
        self.stop()
        raise FailedToStart("".join([*self._printed, reason]))

    def write_line(self) -> None:
        """Give it an empty line on its standard input."""
        self._pipe.send("\n")

    def ended(self) -> tuple[int | None, str]:
        """Wait for its end; return its exit code (None where it was lost) and its last line.

        It is lost, too, where it has not ended within START_LIMIT seconds.
        """
        self._reader.join(START_LIMIT)
        self.stop()
        self._reader.join()
        lines = "".join(self._printed).strip().splitlines()
        return self._exit_code, lines[-1] if lines else ""

    def stop(self) -> None:
        """End it at once and wait for it."""
        self.process.kill()
        self.process.join()

    def _read(self) -> None:
        """Read to the end, whether anybody wants it or not: a full pipe would halt the program."""
        left = _PRINTS_AT_MOST
        try:
            while isinstance(word := self._next_word(), str):
                line = as_text(word)
                left -= len(line)
                if left < 0:
                    self.process.kill()
                    break
                self._printed.append(line)
                if self._log:
                    with self._log.open("a", encoding="utf-8") as file:
                        file.write(line)
                self._lines.put(line)
            else:
                self._exit_code = as_number(word)
        except (EOFError, OSError):
            pass
        self._lines.put(None)

    def _next_word(self) -> object:
        # It may be silent for as long as it likes; where it has ended, another may hold its pipe.
        wait([self._pipe, self.process.sentinel])
        return read_word(self._pipe)


def start_program(
    project: Path,
    command: Sequence[str],
    options: ServerOptions,
    *,
    log: Path | None = None,
    start: Start | None = None,
    forks: bool = CAN_FORK,
) -> Program:
    """Run a Python file of `project`, the first of `command`, with the others as its arguments.

    `start` starts the process, where that is not done by `start_child`.
    """
    start = start or partial(start_child, forks=forks)
    process, pipe = start(_run, project, list(command), project_environment(options))
    return Program(process, pipe, log)


def _run(pipe: Connection, project: Path, command: list[str], environment: dict[str, str]) -> None:
    enter(project, environment)
    reading, code = _print_into(pipe), 0
    threading.Thread(target=_pass_on, args=(pipe, _own_input()), daemon=True).start()
    sys.argv = command
    try:
        runpy.run_path(command[0], run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # a learner's file may raise anything
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # which tells the reader that no more comes
        os.dup2(nothing, stream)
    reading.join()
    say(pipe, code)


def _print_into(pipe: Connection) -> threading.Thread:
    """Send whatever is printed, line by line."""
    reading, writing = os.pipe()
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    os.close(writing)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", closefd=False)

    def send() -> None:
        with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                say(pipe, line)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


def _own_input() -> int:
    reading, writing = os.pipe()
    os.dup2(reading, 0)
    os.close(reading)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    return writing


def _pass_on(pipe: Connection, writing: int) -> None:
    while True:
        try:
            os.write(writing, pipe.recv().encode())
        except (EOFError, OSError):
            os.close(writing)
            return
