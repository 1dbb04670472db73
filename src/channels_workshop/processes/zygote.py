"""The process from which all others in a sandbox are forked: `…zygote LIMITS [GIVEN WRITABLE]`.

It holds what every project imports (`preload`), so a start is quick. Its standard input is a Unix
socket. Each request there is the folder of a project, and brings one end of a pipe and, where there
is one, the file for what is printed; over the pipe come the function to call and its arguments. The
answer is a file descriptor that stands for the new process; before the first, a byte says that all is
there. Nothing that comes from in here is trusted outside: it could as well come from a submission.
"""

import ctypes
import os
import shutil
import signal
import socket
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from .descendants import end_descendants
from .limits import Limits, limit_this_process

#: What the kernel calls it (PR_SET_CHILD_SUBREAPER): whose parent has ended is a child of ours then.
_ADOPT_ORPHANS = 36
#: Bytes of a request: a path.
_LONGEST_REQUEST = 4096


def main(limits: str, given: str = "", writable: str = "") -> None:
    """Fork a process for each request; end when nobody asks any more."""
    control = socket.socket(fileno=os.dup(0))
    limit_this_process(msgspec.json.decode(limits, type=Limits), is_walled_in=bool(given))
    control.send(b".")  # what may be missing of the walls, or of Python, is not
    from . import preload  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for their ends
    if not given:  # else the walls have a first process for that
        ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    while True:
        request, files, _flags, _address = socket.recv_fds(control, _LONGEST_REQUEST, 2)
        if not request:
            break
        child = os.fork()
        if child == 0:
            control.close()
            _be(Path(request.decode()), files, given, writable)
        handle = os.pidfd_open(child)
        for file in files:
            os.close(file)
        socket.send_fds(control, [b"."], [handle])
        os.close(handle)
    if not given:  # whoever asked may have been killed, and nobody else looks after them
        end_descendants(os.getpid())


def _be(project: Path, files: list[int], given: str, writable: str) -> None:
    """Be the new process."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        output = files[1] if len(files) > 1 else nothing
        for stream, file in enumerate((nothing, output, output)):
            os.dup2(file, stream)
        if given:
            _bring(project, given, writable)
        with Connection(files[0]) as pipe:
            target, arguments = pipe.recv()
            target(pipe, *arguments)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # it is the end of this process, whatever it is
        traceback.print_exc()
    finally:
        for text in (sys.stdout, sys.stderr):
            text.flush()
        os._exit(code)


def _bring(project: Path, given: str, writable: str) -> None:
    """Copy the files of `project` that were given to where this process may write."""
    source = Path(given) / project.relative_to(writable)
    shutil.copytree(source, project, dirs_exist_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
