"""Sequences: who tells whom what, from top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .drawing import BAD, INK, Drawing, canvas, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Inches: of an arrow's row, and of the names above them.
_ROW, _HEAD = 0.36, 0.7
#: How far an arrow comes that never arrives.
_LOST_AT = 0.6


@dataclass(frozen=True)
class Arrow:
    """One message; `is_lost` where it never arrives."""

    sender: str
    receiver: str
    text: str
    is_lost: bool = False


def draw_sequence(who: Sequence[str], arrows: Sequence[Arrow]) -> Drawing:
    """Draw a line of life for each of `who`, from left to right, and the arrows between them in order.

    An arrow to its own sender is a small loop beside the line.
    """
    figure, ax = canvas(_HEAD + _ROW * len(arrows))
    ax.set_axis_off()
    places = {name: place for place, name in enumerate(who)}
    for name, place in places.items():
        ax.plot([place, place], [-0.2, len(arrows) + 0.4], color=INK, alpha=0.3, linewidth=1)
        ax.text(place, -0.45, name, ha="center", va="bottom", weight="bold")
    for row, arrow in enumerate(arrows, 1):
        begin, end = places[arrow.sender], places[arrow.receiver]
        if begin == end:
            _draw_loop(ax, arrow, row, begin)
        else:
            _draw_arrow(ax, arrow, row, begin, end)
    ax.set_xlim(-0.5, len(who) - 0.5)
    ax.set_ylim(len(arrows) + 0.5, -1.1)
    return finish(figure, "\n".join(_in_words(arrow) for arrow in arrows))


def _draw_arrow(ax: "Axes", arrow: Arrow, row: int, begin: float, end: float) -> None:
    colour = BAD if arrow.is_lost else INK
    reach = begin + (end - begin) * (_LOST_AT if arrow.is_lost else 1)
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (reach, row), (begin, row), arrowprops=style)
    if arrow.is_lost:
        side = "left" if end > begin else "right"
        ax.text(reach, row, " ✗ ", color=BAD, ha=side, va="center")
    ax.text((begin + end) / 2, row - 0.08, arrow.text, ha="center", va="bottom", fontsize=9)


def _draw_loop(ax: "Axes", arrow: Arrow, row: int, place: float) -> None:
    across, down = [place, place + 0.08, place + 0.08, place], [-0.12, -0.12, 0.12, 0.12]
    colour = BAD if arrow.is_lost else INK
    ax.plot(across, [row + step for step in down], color=colour, linewidth=1.2)
    ax.text(place + 0.11, row, arrow.text, ha="left", va="center", fontsize=9)


def _in_words(arrow: Arrow) -> str:
    sign = "✗" if arrow.is_lost else "→"
    return f"{arrow.sender} {sign} {arrow.receiver}: {arrow.text}"
