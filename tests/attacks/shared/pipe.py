"""Finds the pipe on which this process is to say that it is ready, and says something else."""

import os
import stat
import struct


def pipes():
    """Return the file descriptors that may be it: all sockets that are here before we serve."""
    found = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        try:
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                found.append(int(name))
        except OSError:
            pass
    return found


def say(word):
    """Send bytes as one word."""
    send(struct.pack("!i", len(word)) + word)


def send(content):
    """Send bytes as they are."""
    for pipe in pipes():
        try:
            os.write(pipe, content)
        except OSError:
            pass
