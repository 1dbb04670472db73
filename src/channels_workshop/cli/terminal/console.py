"""Where the verbs print: lines that break between words on a terminal, and nowhere else."""

import re

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def say(
    text: str | Text = "", style: str = "", *, indent: int = 0, hang: int = 0, to: Console = console
) -> None:
    """Print `text` so many columns in; what does not fit a terminal's width goes on, `hang` more in.

    Where there is no terminal, a line stays a line.
    """
    text = text if isinstance(text, Text) else Text(text, style=style)
    width = max(to.width - indent - hang, 20)
    for paragraph in text.split(allow_blank=True) or [Text()]:
        lines = _broken(paragraph, width) if to.is_terminal else [paragraph]
        for number, line in enumerate(lines):
            margin = " " * (indent + (hang if number else 0))
            to.print(Text(margin) + line if line.plain else Text())


def _broken(text: Text, width: int) -> list[Text]:
    """Return `text` as lines, broken between words. A path that is too long stays whole."""
    breaks: list[int] = []
    column = 0
    for word in re.finditer(r"\s*\S+\s*", text.plain):
        if column and column + cell_len(word[0].rstrip()) > width:
            breaks.append(word.start())
            column = 0
        column += cell_len(word[0])
    lines = list(text.divide(breaks))
    for line in lines:
        line.rstrip()
    return lines


def say_command(
    sentence: str, command: str, style: str = "", *, indent: int = 0, to: Console = console
) -> None:
    """Print a sentence that ends in `command`, which is never broken: it is there to be copied."""
    if not to.is_terminal or len(sentence) + indent <= to.width:
        say(sentence, style, indent=indent, to=to)
        return
    say(sentence.removesuffix(command).rstrip(), style, indent=indent, to=to)
    to.print(Text(" " * (indent + 2) + command, style=style))


def say_line(text: str, style: str = "", *, indent: int = 0, whole: bool = False) -> None:
    """Print data that is one line, cut at a terminal's width unless `whole`."""
    line = Text(" " * indent + text, style=style)
    if console.is_terminal and not whole:
        line.truncate(console.width, overflow="ellipsis")
    console.print(line)
