"""Lifetimes: entries that expire unless they are renewed, and a process that is killed."""

from ..language import _
from .drawing import BAD, GOOD, Drawing, canvas, finish

#: So many entries are drawn; their first heartbeats are spread over a whole interval.
_ENTRIES = 8
#: Seconds: when the process is killed, and when the drawing ends.
_KILLED, _END = 40, 105
#: Heartbeats within the life of an entry, and entries of which the price is told.
_BEATS, _THOUSAND = 3, 1000


def draw_lifetimes(seconds: int) -> Drawing:
    """Draw entries that live for `seconds`, each renewed three times as often, by one process.

    It is killed at a dashed line. Green is whoever is here, red whoever is still counted after that.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    interval = seconds / _BEATS
    figure, ax = canvas(2.7)
    for row in range(_ENTRIES):
        phase = interval * row / _ENTRIES
        beats = int((_KILLED - phase) // interval) + 1
        expires = phase + (beats - 1) * interval + seconds
        ax.barh(row, _KILLED - phase, left=phase, height=0.6, color=GOOD, alpha=0.35)
        ax.barh(row, expires - _KILLED, left=_KILLED, height=0.6, color=BAD, alpha=0.55)
        ax.plot([phase + n * interval for n in range(beats)], [row] * beats, "|", color=GOOD, ms=9)
    ax.axvline(_KILLED, color=BAD, linestyle="--", linewidth=1.2)
    ax.set_xlim(0, _END)
    ax.set_yticks([])
    ax.set_xlabel(_("seconds"))
    price = _("{count} heartbeats a second for 1,000 entries", count=f"{_THOUSAND / interval:.0f}")
    ax.set_title(price)
    ax.legend(
        [Line2D([], [], marker="|", ls="", color=GOOD, ms=9), Patch(color=BAD, alpha=0.55)],
        [_("a heartbeat"), _("killed, and still counted")],
        loc="lower right",
    )
    alt = _(
        "Killed at {at} s, still counted until {until:.0f} s.", at=_KILLED, until=_KILLED + seconds
    )
    return finish(figure, f"{alt} {price}.")
