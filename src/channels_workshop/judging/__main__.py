"""The judging process: `python -m channels_workshop.judging FOLDER [LEVEL]`. `judge` starts it.

FOLDER holds its temporary files. With a LEVEL, each target is judged in a sandbox of its own.
"""

import os
import shutil
import sys
import threading
from queue import SimpleQueue
from typing import BinaryIO


def main() -> None:
    """Read jobs, a line each, and print their events; end when standard input does."""
    output = _own_output()
    jobs: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read_jobs, args=(jobs,), daemon=True).start()

    from ..processes.children import start_fork_server

    start_fork_server()  # imports what projects need, while this process imports the rest

    import msgspec

    from ..processes.sandbox import Sandbox
    from ..processes.supervisor import Supervisor
    from .events import Event, Job
    from .runner import run_job

    decode, encode = msgspec.json.Decoder(Job).decode, msgspec.json.Encoder().encode

    def emit(event: Event) -> None:
        output.write(encode(event) + b"\n")
        output.flush()

    level = sys.argv[2] if len(sys.argv) > 2 else None
    if level:
        while True:
            sandbox = Sandbox(level)  # type: ignore[arg-type]
            with Supervisor(sandbox=sandbox) as supervisor, Supervisor(hides=True) as trusted:
                run_job(decode(jobs.get()), supervisor, emit, trusted)
    with Supervisor() as supervisor:
        supervisor.warm()
        while True:
            run_job(decode(jobs.get()), supervisor, emit)
            supervisor.warm()


def _own_output() -> BinaryIO:
    """Return where events go, and let whatever is printed by accident go to standard error."""
    # Buffered: where a process is stopped in the middle of a write, it is the buffer that goes on with
    # the rest, and a line that is cut short would be waited for without end.
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


def _read_jobs(jobs: "SimpleQueue[bytes]") -> None:
    for line in sys.stdin.buffer:
        jobs.put(line)
    # The parent is gone: nobody reads a verdict any more. Our servers notice, and end as well.
    for folder in sys.argv[1:]:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
