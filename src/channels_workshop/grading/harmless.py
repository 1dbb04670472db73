"""What a submission says, made harmless to print: one line stays one, nothing is a command.

A submission decides over names, frames and logs. Where a report is shown (a terminal, the log of a
continuous integration) a line of it could otherwise move the cursor or be taken for a command such as
`::notice::`.
"""

import re
import unicodedata

from ..judging.timeline import readable, shortened

#: Runs of colons or hashes with which services for continuous integration begin their commands.
_COMMAND = re.compile(r"^(\s*)::|##(?=[\[\w])")


def one_line(text: str, most: int = 2_000) -> str:
    """Return `text` as one line of `most` characters: what cannot be seen is written as an escape."""
    return _disarmed(_seen(shortened(text.strip("\n"), most)))


def lines_of(text: str, most: int = 20_000) -> list[str]:
    """Return the lines of `text`, each harmless, of `most` characters altogether.

    A line ends with a line feed and with nothing else.
    """
    return [_disarmed(_seen(line.rstrip("\r"))) for line in shortened(text, most).split("\n")]


def block(text: str, most: int = 20_000) -> str:
    """Return `text` with its lines kept, each harmless, of `most` characters altogether."""
    return "\n".join(lines_of(text, most))


def _seen(line: str) -> str:
    # Most lines have nothing to hide, which is told much faster than each character is looked at.
    if line.isprintable() and "\\u" not in line and unicodedata.is_normalized("NFC", line):
        return line
    return readable(line)


def _disarmed(line: str) -> str:
    return _COMMAND.sub(lambda found: f"{found[1]}: :" if found[1] is not None else "# #", line)
