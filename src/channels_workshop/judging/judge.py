"""Judges targets, each in a process of its own: a job goes in, events come out.

The process is a program (`python -m channels_workshop.judging`), which reads jobs on its standard
input and prints events, a JSON document a line. It takes one job after another and keeps warm what
they share. To cancel a job is to end it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ..errors import WorkshopError
from ..language import message, verbatim
from ..processes.sandbox import Level, on_a_network_of_its_own
from .events import Ended, Event, Job, NotJudged
from .verdict import Verdict

_decode = msgspec.json.Decoder(Event).decode
_encode = msgspec.json.Encoder().encode

#: Characters of a folder in which Python's fork server can make its socket: 107, less its own name.
_LONGEST = 75


class Judge:
    """Keeps a judging process ready. Use it as a context manager, or `close` it.

    One job at a time; `cancel` may be called from another thread. With a `sandbox`, each target is
    judged in one of that level.
    """

    def __init__(self, sandbox: Level | None = None) -> None:
        self._sandbox = sandbox
        self._process: _Process | None = None
        self._spare: _Process | None = None
        self._stamps: dict[str, tuple[Path, float]] = {}
        self._cancelled = False

    def warm(self) -> None:
        """Start the process now, in the background: its imports are the slow half of a job."""
        if self._process is None:
            self._process, self._spare = self._spare or _Process(self._sandbox), None

    def warm_spare(self) -> None:
        """Have one more at hand, for the job after one that is cancelled."""
        if self._spare is None:
            self._spare = _Process(self._sandbox)

    def judge(self, job: Job) -> Iterator[Event]:
        """Yield the events of one job. The last is Ended or NotJudged; after `cancel` there is none."""
        self._cancelled = False
        self._replace_if_outdated(Path(job.lesson))
        self.warm()
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(_encode(job) + b"\n")
            process.stdin.flush()
            for line in process.stdout:
                event = _decode(line)
                if isinstance(event, NotJudged):
                    self.cancel()  # a module that failed to import, say, would stay half imported
                yield event
                if isinstance(event, Ended | NotJudged):
                    return
        except (BrokenPipeError, ValueError, msgspec.DecodeError):  # it ended, or was cancelled
            pass
        if not self._cancelled:
            self._process = None
            printed = process.printed()
            code = _end(process)
            yield NotJudged(
                message("The judging process ended with exit code {code}.", code=code),
                verbatim(printed)
                if printed
                else message("Try again; if it happens again, report it."),
            )

    def verdict(self, job: Job) -> Verdict:
        """Judge and return the verdict alone. Raises WorkshopError where there is none."""
        *_before, last = self.judge(job)
        if isinstance(last, NotJudged):
            raise WorkshopError(last.message, last.fix)
        assert isinstance(last, Ended)
        return last.verdict

    def cancel(self) -> None:
        """End the job that is running: its process, and with it all servers that it started."""
        self._cancelled = True
        if self._process is not None:
            process, self._process = self._process, None
            _end(process)

    def close(self) -> None:
        """End the processes."""
        self.cancel()
        if self._spare is not None:
            _end(self._spare)
            self._spare = None

    def _replace_if_outdated(self, lesson: Path) -> None:
        """Start afresh where the lesson's checks are others by now: modules are imported once."""
        stamp = (lesson, max((p.stat().st_mtime for p in lesson.glob("tests/**/*.py")), default=0))
        if self._stamps.setdefault(lesson.name, stamp) != stamp:
            self._stamps = {lesson.name: stamp}
            self.close()

    def __enter__(self) -> "Judge":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _Process(subprocess.Popen[bytes]):
    """A judging process. Its temporary files are in `folder`: killed, it removes none."""

    def __init__(self, sandbox: Level | None) -> None:
        self.folder = tempfile.mkdtemp(prefix="workshop-")
        # Where that is too long a name for a socket, files go where they always go.
        fits = len(self.folder) <= _LONGEST
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self.folder) if fits else {}
        # In a group of its own, Ctrl-C does not reach it: the parent decides what that means.
        if os.name == "posix":
            apart: dict[str, int] = {"process_group": 0}
        else:
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
        # Whatever it prints beside events, when it is killed in the middle of a start, say, is no
        # news for a person.
        self._errors = Path(self.folder, "errors.log").open("wb")
        command = [sys.executable, "-P", "-m", __package__, self.folder]
        if sandbox:
            command.append(sandbox)
        if sandbox == "strong":  # what it starts for a target must be there for nobody else
            command = on_a_network_of_its_own(command)
        super().__init__(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **temporary},
            **apart,  # type: ignore[call-overload]
        )

    def printed(self) -> str:
        """Return the last lines that it printed beside its events."""
        text = Path(self._errors.name).read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.strip().splitlines()[-20:])

    def remove_files(self) -> None:
        """Remove its temporary files, once it has ended."""
        self._errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _end(process: _Process) -> int:
    """End the process, unless it has ended by itself, and return its exit code."""
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream:
            try:
                stream.close()
            except OSError:  # what was not written yet reaches nobody
                pass
    code = process.wait()
    process.remove_files()
    return code
