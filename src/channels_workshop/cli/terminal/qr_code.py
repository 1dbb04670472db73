"""An address as a QR code: a phone's camera opens it."""

from rich.text import Text

from .console import console

#: Two rows of modules make one line; a letter is about twice as high as wide. (upper, lower) is dark.
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
#: Whatever the terminal's own colours are: a camera wants it dark on light.
_STYLE = "black on bright_white"
#: Modules around the code that have to be light.
_BORDER = 2


def show_qr_code(address: str) -> None:
    """Print `address` as a QR code, where the terminal knows the characters for it."""
    import segno

    code = segno.make(address, micro=False)
    rows = [bytes(row) for row in code.matrix_iter(border=_BORDER)]
    if len(rows) % 2:
        rows.append(bytes(len(rows[0])))
    lines = [
        "".join(_HALVES[upper, lower] for upper, lower in zip(above, below, strict=True))
        for above, below in zip(rows[::2], rows[1::2], strict=True)
    ]
    if _can_say("".join(_HALVES.values())):
        console.print(Text("\n".join(lines), style=_STYLE), "", sep="\n")


def _can_say(text: str) -> bool:
    try:
        text.encode(console.encoding)
    except UnicodeEncodeError:
        return False
    return True
