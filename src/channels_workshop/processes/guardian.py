"""Runs a command that ends with the process that asked for it, however that one ended.

`python guardian.py COMMAND…` starts the command and reads its own standard input, which nobody
ever writes to: it ends when the asking process does, even by SIGKILL, on every system. Then the
command is ended too. Standard library only, so that it starts in a blink.
"""

import os
import subprocess
import sys
import threading


def main(command):
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_parent, args=(child,), daemon=True).start()
    try:
        return child.wait()
    except KeyboardInterrupt:  # Ctrl-C reaches the command as well
        return child.wait()


def _end_with_parent(child):
    # Not sys.stdin: its lock, held by this thread, would break the interpreter's own end.
    os.read(0, 1)
    child.terminate()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
