"""How the person calls the workshop, so that every command we show can be typed as it stands."""

import os

#: Set by workshop.py: the words that it was called with, such as `python3 workshop.py`.
VARIABLE = "WORKSHOP_COMMAND"


def command(words: str) -> str:
    """Return the command line that runs the verb and arguments in `words`, such as `hint 03`."""
    return f"{os.environ.get(VARIABLE) or 'python workshop.py'} {words}".rstrip()
