"""Generated stories: hypothesis tells them, and cuts one that fails down to the shortest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..judging.replay import depend_on_the_seed_alone
from ..language import _
from .drawing import BAD, INK, Drawing, canvas, finish

#: So many stories are told before we believe that there is none that fails, each at most so long.
_STORIES, _LONGEST = 300, 12


@dataclass(frozen=True)
class Told:
    """A story that was told, and whether all was as it should be."""

    actions: tuple[Any, ...]
    holds: bool


@dataclass(frozen=True)
class Search:
    """All stories of one search, in their order."""

    told: tuple[Told, ...]

    @property
    def shortest(self) -> tuple[Any, ...] | None:
        """The shortest story that fails; None where none does."""
        failing = [story.actions for story in self.told if not story.holds]
        # Of those that are equally short, the last is the simplest.
        return min(reversed(failing), key=len, default=None)


def search(actions: Sequence[Any], holds: Callable[[Sequence[Any]], bool]) -> Search:
    """Tell stories made of `actions`, simplest first, until one does not hold; then shorten that.

    This is hypothesis' `@given(lists(sampled_from(actions)))`, which keeps each story that it tells.
    The stories are the same each time.
    """
    from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
    from hypothesis import strategies as some

    depend_on_the_seed_alone()
    told: list[Told] = []

    @seed(4)
    @settings(
        max_examples=_STORIES,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        verbosity=Verbosity.quiet,
    )
    @given(some.lists(some.sampled_from(actions), min_size=1, max_size=_LONGEST))
    def tell(story: list[Any]) -> None:
        told.append(Told(tuple(story), holds(story)))
        assert told[-1].holds

    try:
        tell()
    except AssertionError:
        if told[-1].holds:
            raise
    return Search(tuple(told))


def draw_search(found: Search) -> Drawing:
    """Draw each story as a dot as high as the story is long: red where it fails, else grey."""
    figure, ax = canvas(2.4)
    for holds, colour, label in ((True, INK, _("holds")), (False, BAD, _("fails"))):
        dots = [
            (number, len(story.actions))
            for number, story in enumerate(found.told, 1)
            if story.holds == holds
        ]
        numbers, lengths = [dot[0] for dot in dots], [dot[1] for dot in dots]
        ax.plot(numbers, lengths, "o", color=colour, alpha=0.6, label=label, markersize=5)
    ax.set_xlabel(_("stories told"))
    ax.set_ylabel(_("actions in the story"))
    ax.set_ylim(bottom=0)
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.legend(loc="upper right")
    shortest = found.shortest or ()
    return finish(
        figure,
        _(
            "{count} stories. The shortest one that fails has {length} actions.",
            count=len(found.told),
            length=len(shortest),
        ),
    )
