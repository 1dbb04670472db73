"""A process in an interpreter of its own, where all others are forked from one: `…own_interpreter FD`.

Forked processes share what the interpreter chose when it started, the salt of `hash()` too: what one
keeps under the hash of a text, the others find there. On two machines nobody would.
"""

import os
import sys
from multiprocessing.connection import Connection


def become(pipe: Connection) -> None:
    """Turn this process into one that shares nothing; it calls the next function from the pipe."""
    os.set_inheritable(pipe.fileno(), True)
    os.execv(sys.executable, [sys.executable, "-I", "-m", __name__, str(pipe.fileno())])


def main(descriptor: str) -> None:
    """Call the function that comes over the pipe, with its arguments."""
    os.set_inheritable(int(descriptor), False)
    with Connection(int(descriptor)) as pipe:
        target, arguments = pipe.recv()
        target(pipe, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
