"""Single keys that a person presses, without Enter.

`click.getchar` makes the terminal raw, where lines that are printed meanwhile go astray and Ctrl-C is
no interrupt. So on POSIX the terminal is in cbreak mode while keys are read, and back in its own
afterwards.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

OnKey = Callable[[str], None]

#: The keys of the Russian layout where the Latin letters are: nobody need switch.
_LATIN = dict(zip("йцукенгшщзфывапролдячсмить", "qwertyuiopasdfghjklzxcvbnm", strict=True))


@contextmanager
def key_presses(on_key: OnKey) -> Iterator[bool]:
    """Call `on_key` from a thread with each key, as a small Latin letter where it is a letter.

    Gives whether there are keys at all: not where standard input is no terminal of ours.
    """
    if not _is_ours():
        yield False
    elif sys.platform == "win32":
        _start(_read_windows, on_key)
        yield True
    else:
        with _cbreak():
            _start(_read_posix, on_key)
            yield True


def plain_key(key: str) -> str:
    """Return a key as a small Latin letter, if it is a letter."""
    return _LATIN.get(key.lower(), key.lower())


def _is_ours() -> bool:
    if not sys.stdin or not sys.stdin.isatty():
        return False
    if sys.platform == "win32":
        return True
    # A job in the background would be stopped for touching the terminal.
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:
        return False


def _start(read: Callable[[OnKey], None], on_key: OnKey) -> None:
    threading.Thread(target=read, args=(on_key,), daemon=True).start()


@contextmanager
def _cbreak() -> Iterator[None]:
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _read_posix(on_key: OnKey) -> None:
    while pressed := os.read(sys.stdin.fileno(), 64):
        text = pressed.decode(errors="ignore")
        if not text.startswith("\x1b"):  # an arrow or a function key
            for key in text:
                on_key(plain_key(key))


def _read_windows(on_key: OnKey) -> None:
    import msvcrt

    while True:
        key = msvcrt.getwch()  # type: ignore[attr-defined]
        if key in "\x00\xe0":  # an arrow or a function key, in two parts
            msvcrt.getwch()  # type: ignore[attr-defined]
        elif key == "\x03":
            on_key("q")
        else:
            on_key(plain_key(key))
