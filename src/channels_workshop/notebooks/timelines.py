"""Time lines: a bar for each visitor who waited, and the heart above them."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..language import _, plural
from .drawing import BAD, BLUE, GOOD, INK, Drawing, canvas, finish
from .visits import Arrival, Visits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Inches: of a visitor's row, and of what stands around the rows of one group.
_ROW, _AROUND = 0.16, 0.62


def draw_visits(groups: Mapping[str, Visits]) -> Drawing:
    """Draw each group of visits under its name, on one scale of seconds.

    A bar is a visitor who waits. The row above the bars is the heart: a tick for each beat, and a red
    bar as long as one waited, because the loop served nobody.
    """
    rows = [len(visits.visits) + 2 for visits in groups.values()]
    height = sum(_ROW * count + _AROUND for count in rows) + 0.3
    figure, axes = canvas(height, rows=len(groups), sharex=True, squeeze=False, height_ratios=rows)
    for ax, (name, visits) in zip(axes[:, 0], groups.items(), strict=True):
        _draw_group(ax, name, visits)
    axes[-1, 0].set_xlim(
        0,
        1.02
        * max(one.ended for visits in groups.values() for one in [*visits.visits, *visits.beats]),
    )
    axes[-1, 0].set_xlabel(_("seconds"))
    return finish(figure, "\n".join(_in_words(name, visits) for name, visits in groups.items()))


def draw_arrivals(answers: Mapping[str, Sequence[Arrival]]) -> Drawing:
    """Draw each streamed answer as a row under its name: a dot where a piece of it arrived."""
    figure, ax = canvas(0.9 + 0.45 * len(answers))
    for row, pieces in enumerate(answers.values()):
        ax.plot(
            [piece.seconds for piece in pieces], [row] * len(pieces), "o", color=BLUE, alpha=0.7
        )
    ax.set_yticks(range(len(answers)), list(answers))
    ax.set_ylim(len(answers) - 0.5, -0.5)
    ax.set_xlim(left=0)
    ax.set_xlabel(_("seconds"))
    return finish(figure, "\n".join(_pieces_in_words(*answer) for answer in answers.items()))


def _pieces_in_words(name: str, pieces: Sequence[Arrival]) -> str:
    return f"{name}: " + ", ".join(f"{piece.seconds:.1f}" for piece in pieces)


def _draw_group(ax: "Axes", name: str, visits: Visits) -> None:
    ax.set_title(name)
    ax.set_yticks([])
    ax.grid(visible=True, axis="x")
    ax.spines["left"].set_visible(False)
    if visits.beats:
        stalls = [(beat.began, beat.seconds) for beat in visits.stalls]
        ax.broken_barh(stalls, (-0.45, 0.9), color=BAD)
        # One line with gaps: a hundred ticks stay one element of the drawing.
        ticks = [(beat.ended, beat.ended, math.nan) for beat in visits.beats]
        ax.plot(
            [x for tick in ticks for x in tick],
            [-0.45, 0.45, math.nan] * len(ticks),
            color=GOOD,
            linewidth=1.5,
        )
        ax.text(
            -0.01, 0, "♥", color=BAD, ha="right", va="center", transform=ax.get_yaxis_transform()
        )
    for row, one in enumerate(visits.visits, 1):
        ax.barh(row + 0.4, one.seconds, left=one.began, height=0.7, color=INK, alpha=0.45)
    ax.set_ylim(len(visits.visits) + 1.2, -0.8)


def _in_words(name: str, visits: Visits) -> str:
    """Return what the drawing of one group shows."""
    waited = plural(
        "{name}: {count} visitor, who has waited {last:.1f} s.",
        "{name}: {count} visitors, the last of whom has waited {last:.1f} s.",
        len(visits.visits),
        name=name,
        last=visits.seconds,
    )
    if not visits.beats:
        return waited
    return f"{waited} " + _("The heart stood still for {seconds:.1f} s.", seconds=visits.stalled)
