"""Drawings: one quiet style, legible on light and dark pages, with a text for those who do not see them.

A drawing is SVG inside HTML. Its words and axes have the colour of the text around it, whatever that
is; only what matters is coloured.
"""

import html
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .svg import fit_for_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: For what goes well, what goes wrong, and further series; told apart on white and on black, and by
#: those who do not tell red from green.
GOOD, BAD, BLUE, AMBER, VIOLET = "#2e9e6b", "#e0475b", "#3d8bd4", "#d18b1f", "#9a6fd0"
SERIES = [BLUE, AMBER, GOOD, VIOLET, BAD]

#: Stands for the colour of the text around a drawing until that is written down.
INK = "#010203"

#: Inches: as wide as a cell's output, and as a page.
WIDTH = 7.2

_STYLE: Any = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.facecolor": "none",
    "legend.edgecolor": "none",
    "legend.frameon": False,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": INK,
    "grid.alpha": 0.12,
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "font.family": "sans-serif",
    "font.size": 10,
    "lines.linewidth": 1.8,
    # Words stay words: small, found by a search, in the reader's own letters.
    "svg.fonttype": "none",
    "svg.hashsalt": "channels-workshop",
}


@dataclass(frozen=True)
class Drawing:
    """A drawing that shows itself below its cell; `alt` says in words what it shows."""

    svg: str
    alt: str

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        return (
            f'<div class="notebook-drawing" role="img" aria-label="{html.escape(self.alt)}" '
            f'style="max-width:{WIDTH:.1f}in">{self.svg}</div>'
        )


def canvas(
    height: float = 3.0, columns: int = 1, rows: int = 1, **options: Any
) -> "tuple[Figure, Any]":
    """Return a figure in our style, `height` inches high, and its axes as `plt.subplots` gives them.

    It belongs to nobody's window: `finish` makes a drawing of it. The style stays for all that is
    drawn in this kernel.
    """
    import matplotlib as mpl
    from cycler import cycler
    from matplotlib.figure import Figure

    mpl.rcParams.update({**_STYLE, "axes.prop_cycle": cycler(color=SERIES)})
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def finish(figure: "Figure", alt: str) -> Drawing:
    """Return `figure` as a drawing; `alt` says what a reader sees in it.

    Raises ValueError where an axis has numbers and does not say what they count, with the unit.
    """
    for axes in figure.axes:
        _refuse_nameless(axes)
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return Drawing(fit_for_page(file.getvalue(), INK), alt)


def _refuse_nameless(axes: "Axes") -> None:
    if not axes.axison:
        return
    for axis in (axes.xaxis, axes.yaxis):
        labels = [text.get_text() for text in axis.get_ticklabels()]
        has_numbers = any(re.fullmatch(r"[-−\d.]+", text) for text in labels)
        shares = axis is axes.xaxis and not axes.get_subplotspec().is_last_row()  # type: ignore[union-attr]
        shares |= axis is axes.yaxis and not axes.get_subplotspec().is_first_col()  # type: ignore[union-attr]
        if has_numbers and not shares and not axis.get_label().get_text():
            raise ValueError(f"the {axis.axis_name} axis does not say what its numbers count")
