"""The search for the shortest generated story in which the target departs from the agreement."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.strategies import SearchStrategy

from ..processes.project import ProjectServer
from .mismatch import Mismatch, RanOut, log_of
from .patience import Patience
from .replay import depend_on_the_seed_alone
from .timeline import Timeline

EXAMPLES = 12
#: How many shorter stories are tried once a mismatch is known, and how patiently: this has no
#: say in the verdict any more, only in how short the reported story is.
SHORTENINGS = 40
SHORT_PATIENCE = 0.25

Action = TypeVar("Action")
#: Performs a story, notes it in the timeline, waits at most so many seconds for an answer.
Perform = Callable[[list[Action], Timeline, Patience], Coroutine[Any, Any, None]]


#: How many in this process: see `shorten`.
_shortenings = SHORTENINGS


def shorten(shortens: bool) -> None:
    """Let every search from now on look for a shorter story, or end with the first that it finds."""
    global _shortenings
    _shortenings = SHORTENINGS if shortens else 0


class _ShortEnough(BaseException):
    """Ends the search for a shorter story. Not an Exception: hypothesis keeps those."""


def search(
    stories: SearchStrategy[list[Action]],
    perform: Perform[Action],
    target: ProjectServer,
    seed_number: int,
    timeline: Timeline,
    patience: Patience,
    examples: int = EXAMPLES,
) -> None:
    """Perform generated `stories` on `target`, one by one; raise the Mismatch of the shortest.

    Its story is then the one in `timeline`. The same seed generates the same stories. Each begins
    with as much `patience` as the run has left.
    """
    depend_on_the_seed_alone()
    shortest: tuple[int, Mismatch, Timeline] | None = None
    runs_since = 0
    loop = asyncio.new_event_loop()

    @seed(seed_number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        verbosity=Verbosity.quiet,
    )
    @given(stories)
    def run(actions: list[Action]) -> None:
        nonlocal shortest, runs_since
        if shortest:
            runs_since += 1
            if runs_since > _shortenings:
                raise _ShortEnough
        story = Timeline()
        waits = Patience(SHORT_PATIENCE if shortest else patience.seconds)
        try:
            with log_of(target):
                loop.run_until_complete(perform(actions, story, waits))
        except Mismatch as mismatch:
            if shortest and isinstance(mismatch, RanOut) and not isinstance(shortest[1], RanOut):
                return  # with so little patience it says nothing
            if shortest is None or len(actions) <= shortest[0]:
                shortest = len(actions), mismatch, story
            raise

    try:
        run()
    except (Exception, _ShortEnough):
        if shortest is None:
            raise
        timeline.moments = shortest[2].moments
        raise shortest[1] from None
    finally:
        loop.close()
