"""How much a submission may use: of time, memory, processes and disk."""

import contextlib

import msgspec

MIB = 2**20


class Limits(msgspec.Struct, frozen=True):
    """Limits of one sandbox; those of a process are the system's own (`setrlimit`).

    `memory` (bytes beyond what every project imports), `processes` and `threads` hold for all of
    them together. Of each process: `address_space` (bytes), `cpu_seconds`, `file_size` (bytes) and
    `open_files`. `disk` (bytes) is all that they can store.
    """

    memory: int = 1024 * MIB
    processes: int = 100
    threads: int = 1000
    address_space: int = 4096 * MIB
    cpu_seconds: int = 300
    file_size: int = 32 * MIB
    open_files: int = 4096
    disk: int = 256 * MIB


def limit_this_process(limits: Limits) -> None:
    """Hold this process, and all that it will start, to `limits`; where the system has none, not."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in (
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
