"""Steps: a number that changes now and then, and what happened meanwhile."""

from collections.abc import Mapping, Sequence

from ..language import _
from .drawing import BAD, BLUE, Drawing, canvas, finish


def draw_steps(
    name: str, values: Sequence[tuple[float, int]], marks: Mapping[str, float]
) -> Drawing:
    """Draw a number, called `name`, over time: `values` are the seconds at which it became what.

    `marks` are moments, by what happened then: a dashed line each.
    """
    figure, ax = canvas(2.4)
    end = 1.08 * max([*(at for at, _value in values), *marks.values()])
    ats = [*(at for at, _value in values), end]
    numbers = [value for _at, value in values]
    ax.step(ats, [*numbers, numbers[-1]], where="post", color=BLUE, linewidth=2.4)
    for what, at in marks.items():
        ax.axvline(at, color=BAD, linestyle="--", linewidth=1.2)
        ax.text(at, 1.01, what, color=BAD, ha="center", transform=ax.get_xaxis_transform())
    ax.set_ylim(0, max(numbers) + 0.5)
    ax.set_yticks(range(max(numbers) + 1))
    ax.set_xlim(0, end)
    ax.set_ylabel(name)
    ax.set_xlabel(_("seconds"))
    told = [f"{name}: " + ", ".join(f"{value} ({at:.1f})" for at, value in values)]
    told += [f"{what}: {at:.1f}" for what, at in marks.items()]
    return finish(figure, "\n".join(told))
