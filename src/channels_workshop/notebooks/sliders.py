"""Sliders: a number worth playing with; a drawing that stays as it is where there are no widgets."""

from collections.abc import Callable
from typing import Any

from .drawing import Drawing


def slide(draw: Callable[[int], Drawing], title: str, low: int, high: int, start: int) -> None:
    """Show `draw(start)` under a slider from `low` to `high`, which draws it anew.

    `draw` has to be quick, and to need no server. Without widgets, as on the course's pages, there is
    the drawing alone, and `title` with its number.
    """
    import ipywidgets
    from IPython.display import display

    first = draw(start)
    layout = ipywidgets.Layout(width="60%")
    style = {"description_width": "initial"}
    slider = ipywidgets.IntSlider(start, low, high, description=title, layout=layout, style=style)
    shown = ipywidgets.HTML(first._repr_html_())

    def redraw(change: dict[str, Any]) -> None:
        shown.value = draw(change["new"])._repr_html_()

    slider.observe(redraw, "value")
    bundle = ipywidgets.VBox([slider, shown])._repr_mimebundle_()
    plain = f"{title}: {start}"
    display(
        {
            **bundle,
            "text/html": f"<p>{plain}</p>{first._repr_html_()}",
            "text/plain": f"{plain}\n{first.alt}",
        },
        raw=True,
    )
