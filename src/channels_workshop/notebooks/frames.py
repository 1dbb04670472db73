"""WebSocket frames as bytes: one read from a connection; one drawn bit by bit (RFC 6455, 5.2)."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..language import _
from .drawing import AMBER, BAD, BLUE, GOOD, INK, VIOLET, Drawing, canvas, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: What the seven bits of a length say where it stands in the bytes after them: how many these are.
_LONGER = {126: 2, 127: 8}

_CLOSE = 8

#: Bytes in a row of the drawing, and of the payload that it shows at most.
_COLUMNS, _SHOWN = 4, 12
#: Inches: of a row.
_ROW = 0.72


@dataclass(frozen=True)
class _Field:
    """Some bits of a frame, from bit `start` on, under the name that the specification gives them."""

    name: str
    start: int
    bits: str
    colour: str


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Return the next frame as it came, head and payload. Raises asyncio.IncompleteReadError."""
    head = await reader.readexactly(2)
    head += await reader.readexactly(_LONGER.get(head[1] & 0x7F, 0))
    longer = head[2:]
    length = int.from_bytes(longer, "big") if longer else head[1] & 0x7F
    mask = 4 if head[1] & 0x80 else 0
    return head + await reader.readexactly(mask + length)


def draw_frame(frame: bytes) -> Drawing:
    """Draw the bits of one frame, four bytes a row: each field in its colour, each byte's value below.

    Of a long payload the first bytes are drawn.
    """
    fields = list(_fields(frame))
    payload = _payload_at(frame)
    shown = frame[: payload + _SHOWN]
    rows = -(-len(shown) // _COLUMNS)
    figure, ax = canvas(_ROW * rows)
    ax.set_axis_off()
    for field in fields:
        _draw_field(ax, field, len(shown) * 8)
    for place, byte in enumerate(shown):
        row, column = divmod(place, _COLUMNS)
        text = f"{byte:02x}"
        if place >= _text_at(frame) and 0x20 < byte < 0x7F:
            text += f"  “{chr(byte)}”"
        if place + 1 == len(shown) < len(frame):
            text += "  …"
        ax.text(column * 8 + 4, row * 3 + 1.45, text, ha="center", va="center", fontsize=9)
    ax.set_xlim(-0.1, _COLUMNS * 8 + 0.1)
    ax.set_ylim(rows * 3 - 1, -1)
    return finish(figure, "\n".join(_in_words(field) for field in fields))


def _payload_at(frame: bytes) -> int:
    """Return where the payload begins."""
    return 2 + _LONGER.get(frame[1] & 0x7F, 0) + (4 if frame[1] & 0x80 else 0)


def _text_at(frame: bytes) -> int:
    """Return where letters can be read: nowhere in a masked payload, after the code in a close frame."""
    if frame[1] & 0x80:
        return len(frame)
    return _payload_at(frame) + (2 if frame[0] & 0x0F == _CLOSE else 0)


def _in_words(field: _Field) -> str:
    """Return a field's bits, or its bytes where they are many."""
    if len(field.bits) <= 16:
        return f"{field.name}: {field.bits}"
    octets = int(field.bits, 2).to_bytes(len(field.bits) // 8, "big")
    return f"{field.name}: {octets[:_SHOWN].hex(' ')}" + (" …" if len(octets) > _SHOWN else "")


def _fields(frame: bytes) -> Iterator[_Field]:
    """Yield the fields of a frame in order; the payload, if there is any, is the last."""
    bits = "".join(f"{byte:08b}" for byte in frame)
    start, length = 0, frame[1] & 0x7F
    sizes = [
        ("FIN", 1, VIOLET),
        ("RSV", 3, INK),
        (_("opcode"), 4, BLUE),
        ("MASK", 1, BAD),
        (_("length"), 7, AMBER),
        (_("longer length"), 8 * _LONGER.get(length, 0), AMBER),
        (_("masking key"), 32 if frame[1] & 0x80 else 0, GOOD),
        (_("payload"), len(bits), INK),
    ]
    for name, size, colour in sizes:
        if part := bits[start : start + size]:
            yield _Field(name, start, part, colour)
        start += size


def _draw_field(ax: "Axes", field: _Field, shown: int) -> None:
    """Draw a field, in as many pieces as it has bytes."""
    at, end = field.start, min(field.start + len(field.bits), shown)
    is_named = False
    while at < end:
        row, column = divmod(at, _COLUMNS * 8)
        width = min(8 - at % 8, end - at)
        ax.barh(
            row * 3 + 0.5,
            width - 0.1,
            left=column + 0.05,
            height=1,
            color=field.colour,
            alpha=0.12 if field.colour == INK else 0.35,
        )
        text = field.bits[at - field.start :][:width]
        ax.text(column + width / 2, row * 3 + 0.5, text, ha="center", va="center")
        if not is_named:
            # A name is wider than a single bit: that of the second one grows to the left.
            side = "right" if field.start == 8 else "left"
            edge = column + (width - 0.05 if side == "right" else 0.05)
            edge += 0.3 if field.start == 9 else 0
            ax.text(edge, row * 3 - 0.1, field.name, ha=side, va="bottom", fontsize=8)
            is_named = True
        at += width
