"""How the person calls the workshop, so that every command we show can be typed as it stands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

#: Set by workshop.py: the words that it was called with, such as `python3 workshop.py`.
VARIABLE = "WORKSHOP_COMMAND"


def command(words: str) -> str:
    """Return the command line that runs the verb and arguments in `words`, such as `hint 03`."""
    return f"{os.environ.get(VARIABLE) or 'python workshop.py'} {words}".rstrip()


@contextmanager
def as_others_call_it() -> Iterator[None]:
    """Show commands meanwhile as anybody else types them: what is written is read on another machine."""
    ours = os.environ.pop(VARIABLE, None)
    try:
        yield
    finally:
        if ours is not None:
            os.environ[VARIABLE] = ours
