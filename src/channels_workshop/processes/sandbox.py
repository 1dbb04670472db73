"""Where the code of a submission runs: see `Sandbox`. Linux only.

Two levels. *strong*: bubblewrap gives it processes, files and users of its own; it sees Python, the
installed packages, and copies of its own project, and may ask the kernel for no more than programs need
(`syscalls`). Its network is that of the process that makes the sandbox, which has been started by
`on_a_network_of_its_own`: a loopback that leads nowhere. *basic*: a session of its own, the limits, a
scrubbed environment. No more: it is for one's own work.
"""

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Literal

import msgspec

from ..errors import WorkshopError
from ..language import Message, message
from .children import START_LIMIT, FailedToStart
from .descendants import end_descendants
from .limits import MIB, Limits
from .own_interpreter import become
from .syscalls import filter_program
from .warden import Warden

Level = Literal["strong", "basic"]

#: Where a sandbox sees the projects that it is given.
_GIVEN = "/given"
#: What of the tool is needed in there. The course, with checks and references, is not.
_PARTS = ["__init__.py", "errors.py", "language.py", "locale", "processes", "course/project.py"]
#: What programs look up in there.
_ETC = [
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "hosts",
    "ssl/certs",
]
#: Bytes of memory that processes there may share by name.
_SHARED_MEMORY = 16 * MIB
#: Seconds in which who has begun to say something goes on.
_HALF_A_WORD = 10
#: Bytes of what is printed before a sandbox ends that anybody may want to read.
_LAST_WORDS = 4096


def why_not_strong() -> Message | None:
    """Return why there can be no strong sandbox here, None where there can."""
    if sys.platform != "linux":
        return message("A strong sandbox needs Linux.")
    if not shutil.which("bwrap"):
        return message("bubblewrap is not installed.")
    with _filter() as (refusing, files):
        command = [*_walls(), *_python(), *_READ_ONLY, *refusing, "--", sys.executable, "-c", ""]
        tried = subprocess.run(
            on_a_network_of_its_own(command),
            capture_output=True,
            text=True,
            check=False,
            pass_fds=files,
        )
    if tried.returncode == 0:
        return None
    lines = tried.stderr.strip().splitlines() or ["—"]
    return message("bubblewrap can build no sandbox: {why}", why=lines[-1])


def mend_for_strong() -> Message:
    """Return what to do where there can be no strong sandbox."""
    if sys.platform != "linux":
        return message("Grade on Linux: a virtual machine or WSL 2 will do.")
    if not shutil.which("bwrap"):
        return message("Install it; on Debian and Ubuntu: sudo apt install bubblewrap")
    return message(
        "The system must let programs make user namespaces. Ubuntu 24.04 and later:"
        " sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    )


def on_a_network_of_its_own(command: Sequence[str]) -> list[str]:
    """Return the command that runs `command` on a loopback that leads nowhere, all else as it is."""
    apart = ["--unshare-net", "--die-with-parent"]
    return ["bwrap", "--dev-bind", "/", "/", *apart, "--", *command]


def behind_walls(command: Sequence[str]) -> list[str]:
    """Return the command that runs another program where it sees its own folder and the system."""
    folder = str(Path(command[0]).resolve().parent)
    return [*_walls(), "--ro-bind", folder, folder, *_READ_ONLY, "--", *command]


class Sandbox:
    """Runs the code of one submission; `close` ends all of it, and leaves nothing.

    Projects are written to the folder `given`. A process in here sees them under the same paths, as
    copies that it may change; nobody outside ever opens those. `stopped` says why all was ended
    before its time: it used more than its `limits`. Raises WorkshopError where there can be none.
    """

    def __init__(self, level: Level, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self.level = level
        self._folder = Path(tempfile.mkdtemp(prefix="workshop-")).resolve()
        self.given = self._folder / "given"
        self.given.mkdir()
        self._errors = (self._folder / "errors.log").open("w+b")
        self._control, theirs = socket.socketpair()
        self._control.settimeout(START_LIMIT)
        self._asking = threading.Lock()
        self._handles: list[int] = []
        arguments = [msgspec.json.encode(limits).decode()]
        walls: list[str] = []
        if level == "strong":
            arguments += [_GIVEN, str(self.given)]
            # Python last: it may be installed below `/tmp`.
            walls = [*_walls(), *_copies(self.given, limits), *_python(), *_READ_ONLY]
        with theirs, _filter() as (refusing, files):
            if level == "strong":
                walls += [*refusing, "--"]
            self._process = subprocess.Popen(
                [*walls, sys.executable, "-I", "-m", f"{__package__}.zygote", *arguments],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env={name: os.environ[name] for name in ("PATH",) if name in os.environ},
                start_new_session=True,
                pass_fds=files,
            )
        self._warden = Warden(self._process.pid, limits, self._end)
        self._await_first_process()

    def _await_first_process(self) -> None:
        """Wait until all is there, before anybody's code is. Raises WorkshopError: it is our fault."""
        try:
            is_there = self._control.recv(1)
        except OSError:
            is_there = b""
        if not is_there:
            why = self._last_words()
            self.close()
            raise WorkshopError(message("bubblewrap can build no sandbox: {why}", why=why))

    @property
    def environment(self) -> dict[str, str]:
        """What a program in here must know of where it is."""
        return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), "/tmp") if self.level == "strong" else {}

    @property
    def stopped(self) -> Message | None:
        """Why all was ended before its time, None where it was not."""
        return self._warden.reason

    def start_child(
        self,
        target: Callable[..., None],
        *arguments: object,
        project: Path,
        output: Path | None = None,
        own_interpreter: bool = False,
    ) -> tuple["SandboxedProcess", Connection]:
        """Call `target(pipe, *arguments)` in a new process in here; return it and our end of the pipe.

        It is given what of `project` stands in `given`. What it prints is appended to `output`. With
        an `own_interpreter` it shares nothing with the others in here. Raises FailedToStart where the
        sandbox is at its end.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            files = [theirs.fileno()]
            if output:
                files.append(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
                # It stays open here: what only they have open they could have us wait for (a lease).
                self._handles.append(files[1])
            handle = self._ask_for_a_process(project, files)
        # Whoever sends half a word, and then nothing, is not waited for.
        limit = struct.pack("ll", _HALF_A_WORD, 0)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        pipe = Connection(ours.detach())
        try:
            if own_interpreter:
                pipe.send((become, ()))
            pipe.send((target, arguments))
        except OSError:
            pass  # it is gone already, which whoever reads from the pipe will see
        return SandboxedProcess(handle), pipe

    def _ask_for_a_process(self, project: Path, files: list[int]) -> int:
        with self._asking:
            try:
                socket.send_fds(self._control, [str(project).encode()], files)
                _answer, handles, _flags, _address = socket.recv_fds(self._control, 16, 1)
            except OSError:
                handles = []
            self._handles += handles
            if not handles or (self.level == "strong" and not _is_walled_in(handles[0])):
                raise FailedToStart(self._last_words())
            return handles[0]

    def _last_words(self) -> str:
        if self.stopped:
            return str(self.stopped)
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - _LAST_WORDS))
        printed = self._errors.read().decode("utf-8", "replace")
        return printed.strip() or str(message("The sandbox is at its end."))

    def _end(self) -> None:
        if self.level == "strong":
            self._process.kill()  # and with its first process the kernel ends all the others
            return
        end_descendants(self._process.pid)
        self._process.kill()

    def close(self) -> None:
        """End everything in here and remove its files."""
        self._warden.stop()
        self._end()
        self._process.wait()
        self._control.close()
        self._errors.close()
        for handle in self._handles:
            os.close(handle)
        self._handles.clear()
        shutil.rmtree(self._folder, ignore_errors=True)


class SandboxedProcess:
    """A process in a sandbox, by the file descriptor that stands for it."""

    #: Not known: its parent is in the sandbox too.
    exitcode: int | None = None

    def __init__(self, handle: int) -> None:
        self.sentinel = handle

    def is_alive(self) -> bool:
        """Return whether it has not ended yet."""
        return not wait([self.sentinel], 0)

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, at most `timeout` seconds."""
        wait([self.sentinel], timeout)

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def _send(self, what: signal.Signals) -> None:
        try:
            signal.pidfd_send_signal(self.sentinel, what)
        except OSError:  # it has ended, or all of the sandbox has
            pass


def _walls() -> list[str]:
    """Return how bubblewrap is called, with a system that can be read and no more."""
    apart = ["user", "pid", "ipc", "uts"]
    command = ["bwrap", *(f"--unshare-{what}" for what in apart), "--unshare-cgroup-try"]
    command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox"]
    command += ["--clearenv", "--setenv", "PATH", os.environ.get("PATH", os.defpath)]
    command += ["--proc", "/proc", "--dev", "/dev"]
    command += ["--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm"]
    for path in map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")):
        if path.is_symlink():
            command += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    for name in _ETC:
        command += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return command


#: What bubblewrap makes has no size: a file there would be memory that nobody counts. And below /proc
#: root could write, in a user namespace too, what the whole system runs by.
_READ_ONLY = [part for path in ("/proc", "/dev", "/") for part in ("--remount-ro", path)]


@contextmanager
def _filter() -> Iterator[tuple[list[str], list[int]]]:
    """Give the options for the filter of `syscalls`, and the files that they name."""
    program = filter_program()
    if program is None:
        yield [], []
        return
    with tempfile.TemporaryFile() as file:
        file.write(program)
        file.seek(0)
        yield ["--seccomp", str(file.fileno())], [file.fileno()]


def _is_walled_in(handle: int) -> bool:
    """Return whether a file descriptor stands for a process that has an id of its own in a sandbox.

    It came from in there, and we are going to send it signals.
    """
    text = Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii")
    about = dict(line.split(":", 1) for line in text.splitlines())
    has_ended = about.get("Pid", "").strip() == "-1"
    return has_ended or len(about.get("NSpid", "").split()) > 1


def _python() -> list[str]:
    """Return the options that show it Python, the installed packages, and parts of this tool."""
    places = dict.fromkeys((sys.base_prefix, sys.prefix, _target_of(sys.executable)))
    options = [part for place in places for part in ("--ro-bind", place, place)]
    package = Path(__file__).parents[1]
    for name in _PARTS:
        options += ["--ro-bind", str(package / name), str(package / name)]
    return options


def _target_of(executable: str) -> str:
    """Return the folder of the program that a link such as `.venv/bin/python` leads to."""
    return str(Path(executable).resolve().parent)


def _copies(given: Path, limits: Limits) -> list[str]:
    size = ["--size", str(limits.disk)]
    return [
        *("--ro-bind", str(given), _GIVEN),
        *(*size, "--tmpfs", "/tmp"),
        *(*size, "--tmpfs", str(given)),
    ]
