"""Sequences: who tells whom what, from top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass

from .drawing import BAD, INK, Drawing, canvas, finish


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
    figure, ax = canvas(0.7 + 0.36 * len(arrows))
    ax.set_axis_off()
    ax.grid(visible=False)
    places = {name: place for place, name in enumerate(who)}
    for name, place in places.items():
        ax.plot([place, place], [0.2, -len(arrows) - 0.4], color=INK, alpha=0.3, linewidth=1)
        ax.text(place, 0.45, name, ha="center", va="bottom", weight="bold")
    for row, arrow in enumerate(arrows, 1):
        begin, end = places[arrow.sender], places[arrow.receiver]
        colour = BAD if arrow.is_lost else INK
        if begin == end:
            ax.plot(
                [begin, begin + 0.08, begin + 0.08, begin],
                [-row + 0.1, -row + 0.1, -row - 0.15, -row - 0.15],
                color=colour,
                linewidth=1.2,
            )
            ax.text(
                begin + 0.11, -row, arrow.text, ha="left", va="center", fontsize=9, color=colour
            )
            continue
        reach = begin + (end - begin) * (0.6 if arrow.is_lost else 1)
        ax.annotate(
            "",
            (reach, -row),
            (begin, -row),
            arrowprops={
                "arrowstyle": "-|>",
                "color": colour,
                "linewidth": 1.2,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
        if arrow.is_lost:
            ax.text(reach, -row, "✗", color=BAD, ha="center", va="center")
        ax.text(
            (begin + end) / 2,
            -row + 0.08,
            arrow.text,
            ha="center",
            va="bottom",
            fontsize=9,
            color=colour,
        )
    ax.set_xlim(-0.5, len(who) - 0.5)
    ax.set_ylim(-len(arrows) - 0.5, 1.1)
    return finish(figure, "\n".join(_in_words(arrow) for arrow in arrows))


def _in_words(arrow: Arrow) -> str:
    sign = "✗" if arrow.is_lost else "→"
    return f"{arrow.sender} {sign} {arrow.receiver}: {arrow.text}"
