"""How much a submission may use: of time, memory, processes and disk."""

import contextlib
import platform
import re
import sys

import msgspec

MIB = 2**20


class Limits(msgspec.Struct, frozen=True):
    """Limits of one sandbox; those of a process are the system's own (`setrlimit`).

    `memory` (bytes beyond what every project imports), `processes`, `threads` and `all_files` (open
    ones: what waits in a socket is memory too) hold for all of them together. Of each process:
    `address_space` (bytes), `cpu_seconds`, `file_size` (bytes) and `open_files`. `disk` (bytes) is
    what they can store in one place.
    """

    memory: int = 1024 * MIB
    processes: int = 100
    threads: int = 1000
    address_space: int = 4096 * MIB
    cpu_seconds: int = 300
    file_size: int = 32 * MIB
    open_files: int = 1024
    all_files: int = 4096
    disk: int = 256 * MIB


#: The first Linux that counts a user's processes in each user namespace apart.
_COUNTS_APART = (5, 14)


def limit_this_process(limits: Limits, *, is_walled_in: bool = False) -> None:
    """Hold this process, and all that it will start, to `limits`; where the system has none, not.

    `is_walled_in`: nobody else's processes are counted with ours.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    counted = [(resource.RLIMIT_NPROC, limits.threads)]
    for kind, most in (
        *(counted if is_walled_in and _linux() >= _COUNTS_APART else []),
        (resource.RLIMIT_AS, limits.address_space),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some of them
            resource.setrlimit(kind, (allowed, allowed))


def _linux() -> tuple[int, ...]:
    """Return the version of the kernel; of another system, none."""
    if sys.platform != "linux":
        return ()
    return tuple(map(int, re.findall(r"\d+", platform.release())[:2]))
