"""What the processes of a sandbox may not ask the kernel for: a filter, as `bwrap --seccomp` reads it.

Namespaces are the walls. These calls are what walls have been broken with, what uses memory that no
process is seen to have, and what leaves the session, by which the kernel shares out the cores. No
project needs them. Where this knows no numbers for a machine, there is no filter.
"""

import errno
import platform
import struct

#: Each call by its number on x86_64, and on the machines that number calls alike.
_REFUSED = {
    # New namespaces and mounts, in which a process is root.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    # Other processes: the one from which all are forked speaks with the judge.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # What is kept outside of all namespaces, or has many bugs.
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # Memory that is nobody's.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    # Each session has its share of the cores (autogroup).
    "setsid": (112, 157),
}
#: Kinds of sockets that stay within their network; those of a virtual machine (vsock) do not.
_SOCKETS = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
#: `clone` that makes a namespace: CLONE_NEWUSER, …PID, …NET, …NS, …IPC, …UTS, …CGROUP.
_NEW_NAMESPACE = 0x7E020000
#: Its flags are in memory, where a filter cannot look; libraries then take `clone`.
_CLONE3 = 435

#: By machine: its audit number, which column of _REFUSED it has, and `clone` and `socket` there.
_MACHINES = {
    "x86_64": (0xC000003E, 0, 56, 41),
    "aarch64": (0xC00000B7, 1, 220, 198),
    "riscv64": (0xC00000F3, 1, 220, 198),
}
#: On x86_64, calls from here on are those of another way to call (x32).
_X32 = 0x40000000

# Instructions of the kernel's packet filter, and where it finds what in a call.
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000


def filter_program() -> bytes | None:
    """Return the filter for this machine, None where there is none."""
    if platform.machine() not in _MACHINES:
        return None
    audit, column, clone, socket = _MACHINES[platform.machine()]
    program = [
        _step(_LOAD, _MACHINE),
        *_if(_JUMP_EQUAL, audit, otherwise=_KILL),
        _step(_LOAD, _NUMBER),
    ]
    if column == 0:
        program += _if(_JUMP_GREATER_EQUAL, _X32, then=_KILL)
    program += _if(_JUMP_EQUAL, _CLONE3, then=_ERRNO | errno.ENOSYS)
    for numbers in _REFUSED.values():
        program += _if(_JUMP_EQUAL, numbers[column], then=_ERRNO | errno.EPERM)
    # The first argument of these two tells; whatever else is allowed.
    makes_socket = [
        _step(_LOAD, _FIRST_ARGUMENT),
        *(step for kind in _SOCKETS.values() for step in _if(_JUMP_EQUAL, kind, then=_ALLOW)),
        _step(_RETURN, _ERRNO | errno.EAFNOSUPPORT),
    ]
    program += [_step(_JUMP_EQUAL, socket, 0, len(makes_socket)), *makes_socket]
    program += [
        _step(_JUMP_EQUAL, clone, 0, 3),
        _step(_LOAD, _FIRST_ARGUMENT),
        *_if(_JUMP_SET, _NEW_NAMESPACE, then=_ERRNO | errno.EPERM),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(program)


def _step(what: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", what, if_true, if_false, value)


def _if(
    test: int, value: int, *, then: int | None = None, otherwise: int | None = None
) -> list[bytes]:
    """Return the steps that end with `then` where the test holds, or with `otherwise` where not."""
    if then is not None:
        return [_step(test, value, 0, 1), _step(_RETURN, then)]
    assert otherwise is not None
    return [_step(test, value, 1, 0), _step(_RETURN, otherwise)]
