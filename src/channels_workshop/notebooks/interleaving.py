"""Coroutines run by hand, step by step, in an order of one's own: races without luck.

A step ends where a coroutine awaits `others()`. What the event loop decides by itself is decided here
by a list of names.
"""

from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar

from ..language import _
from .drawing import BAD, BLUE, GOOD, INK, Drawing, canvas, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

T = TypeVar("T")
#: Sets everything back, and returns one coroutine for each name.
Beginning = Callable[[], Mapping[str, Coroutine[Any, Any, Any]]]

#: Inches: of the row of one coroutine, and of what stands around the rows.
_ROW, _AROUND = 0.32, 0.42
#: More runs than that stand in two columns.
_IN_ONE_COLUMN = 2


class _Others:
    def __await__(self) -> Generator["_Others", None, None]:
        yield self


def others() -> _Others:
    """Let the others go first: awaited, it stands for whatever takes time."""
    return _Others()


@dataclass(frozen=True)
class Step:
    """What `who` did in one step: the local variables that changed, and what was to be seen then."""

    who: str
    changed: Mapping[str, object]
    seen: object


@dataclass(frozen=True)
class Interleaving:
    """Coroutines that have run in one order, to their ends."""

    steps: tuple[Step, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """Whose step each was."""
        return tuple(step.who for step in self.steps)

    @property
    def result(self) -> object:
        """What was to be seen in the end."""
        return self.steps[-1].seen


def interleave(
    begin: Beginning, order: str | Sequence[str], look: Callable[[], object]
) -> Interleaving:
    """Run the coroutines that `begin` returns in `order`, names such as `"ann bob ann bob"`.

    `look` is called after each step. Raises ValueError where the order is too short, or gives a turn to
    one who has ended.
    """
    names = order.split() if isinstance(order, str) else order
    waiting = dict(begin())
    steps = []
    try:
        for name in names:
            if name not in waiting:
                raise ValueError(f"{name} has nothing left to do in this order")
            changed, is_done = _step(waiting[name])
            if is_done:
                del waiting[name]
            steps.append(Step(name, changed, look()))
        if waiting:
            raise ValueError(f"the order ends before {', '.join(waiting)} has ended")
    finally:
        for coroutine in waiting.values():
            coroutine.close()
    return Interleaving(tuple(steps))


def every_order(begin: Beginning, look: Callable[[], object]) -> list[Interleaving]:
    """Run the coroutines in every order that there is; how many steps each takes is always the same."""
    counts = {name: _steps_of(coroutine) for name, coroutine in begin().items()}
    return [interleave(begin, order, look) for order in _orders(counts)]


def run_alone(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns that never lets others go first.

    Raises RuntimeError where it waits for something.
    """
    try:
        coroutine.send(None)
    except StopIteration as stopped:
        result: T = stopped.value
        return result
    coroutine.close()
    raise RuntimeError("it awaits something that takes time")


def _step(coroutine: Coroutine[Any, Any, Any]) -> tuple[dict[str, object], bool]:
    """Run a coroutine to where it lets others go first; tell what changed, and whether it ended."""
    before = _locals_of(coroutine)
    try:
        coroutine.send(None)
    except StopIteration:
        return {}, True
    after = _locals_of(coroutine)
    return {name: value for name, value in after.items() if before.get(name) != value}, False


def _locals_of(coroutine: Any) -> dict[str, object]:
    return dict(coroutine.cr_frame.f_locals) if coroutine.cr_frame else {}


def _steps_of(coroutine: Coroutine[Any, Any, Any]) -> int:
    count = 1
    while not _step(coroutine)[1]:
        count += 1
    return count


def _orders(counts: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    if not any(counts.values()):
        yield ()
    for name, count in counts.items():
        if count:
            for rest in _orders({**counts, name: count - 1}):
                yield (name, *rest)


def draw_interleavings(name: str, runs: Iterable[Interleaving], right: object) -> Drawing:
    """Draw each run: a row for each coroutine, a box for each step, and `name` after each.

    In a box stands what changed in the coroutine; in its last, what `name` is then. The end is green
    where it is `right`, else red. The coroutines are the same in all runs.
    """
    runs = list(runs)
    columns = 1 if len(runs) <= _IN_ONE_COLUMN else 2
    rows = ceil(len(runs) / columns)
    height = _ROW * (len(set(runs[0].order)) + 1) + _AROUND
    figure, axes = canvas(height * rows + 0.2, columns, rows, sharex=True, squeeze=False)
    for ax, run in zip(axes.flat, runs, strict=False):
        _draw_run(ax, name, run, right)
    for ax in axes.flat[len(runs) :]:
        ax.set_axis_off()
    for ax in axes[-1]:
        ax.set_xlabel(_("step"))
    return finish(figure, "\n".join(_in_words(name, run) for run in runs))


def _draw_run(ax: "Axes", name: str, run: Interleaving, right: object) -> None:
    people = sorted(set(run.order))
    last_steps = {step.who: number for number, step in enumerate(run.steps, 1)}
    for number, step in enumerate(run.steps, 1):
        row = people.index(step.who)
        ends = number == last_steps[step.who]
        did = f"{name} = {step.seen}" if ends else _changes(step)
        ax.barh(row, 0.94, left=number - 0.47, height=0.8, color=BLUE, alpha=0.25)
        ax.text(number, row, did, ha="center", va="center", fontsize=9)
        is_last = number == len(run.steps)
        ax.text(
            number,
            len(people),
            str(step.seen),
            ha="center",
            va="center",
            color=(GOOD if step.seen == right else BAD) if is_last else INK,
            weight="bold" if is_last else "normal",
        )
    ax.set_title(" ".join(run.order))
    ax.set_yticks(range(len(people) + 1), [*people, name])
    ax.tick_params(axis="y", length=0)
    ax.set_xticks(range(1, len(run.steps) + 1))
    ax.set_xlim(0.5, len(run.steps) + 0.5)
    ax.set_ylim(len(people) + 0.5, -0.5)
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)


def _changes(step: Step) -> str:
    return ", ".join(f"{name} = {value}" for name, value in step.changed.items())


def _in_words(name: str, run: Interleaving) -> str:
    steps = [
        f"{step.who} ({_changes(step)}) {name} = {step.seen}".replace(" ()", ":")
        for step in run.steps
    ]
    return f"{' '.join(run.order)}: {'; '.join(steps)}"


def draw_results(runs: Sequence[Interleaving], right: object) -> Drawing:
    """Draw with which result how many of the runs ended; the `right` one is green."""
    results: dict[Any, int] = {}
    for run in runs:
        results[run.result] = results.get(run.result, 0) + 1
    figure, ax = canvas(1.1 + 0.34 * len(results))
    shown = sorted(results)
    counts = [results[result] for result in shown]
    colours = [GOOD if result == right else BAD for result in shown]
    bars = ax.barh(range(len(shown)), counts, color=colours, height=0.6)
    ax.bar_label(bars, padding=4)
    ax.set_yticks(range(len(shown)), [str(result) for result in shown])
    ax.set_ylabel(_("result"))
    ax.set_xlabel(_("number of orders"))
    ax.set_xlim(0, ceil(max(counts) * 1.12))
    ax.grid(visible=False, axis="y")
    return finish(figure, "\n".join(f"{result}: {results[result]}" for result in shown))
