"""For attacks that reach for what is not theirs: the report says what they have reached."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def tell(reached):
    """Fail to start, with what was reached: the sandbox shows only that, and only so."""
    raise RuntimeError(f"reached: {sorted(map(str, reached)) or 'nothing'}")


def works(action, *arguments):
    """Tell whether an action comes through."""
    try:
        action(*arguments)
    except Exception:
        return False
    return True


def syscall(*arguments):
    """Call the kernel; return whether it does as it is told."""
    return libc.syscall(*map(ctypes.c_long, arguments)) >= 0
