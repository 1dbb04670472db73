"""What it costs to be watched: lesson 06's chat and its `further/fanout`, each beside itself.

The load is that of `bench chat`: two closed-loop senders and many clients in one room. Both of a pair
are measured in the same round, the watched one with the microscope in front and nobody's page open;
each round serves both anew, since two processes of one program differ by some hundredths.
Where the system tells how long a process has worked, the ratio is that of deliveries for each second of
the server's processor, joins left out: whatever else a busy machine does has no say in it.
"""

import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from channels_workshop.course.copies import lay_further, write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes.supervisor import Supervisor
from channels_workshop.stage.microscope.viewer import Viewer
from channels_workshop.upkeep.benchmarks import benchmark_module

chat = benchmark_module("chat")

CLIENTS, ROUNDS, SECONDS = 60, 9, 3
#: Seconds of a talk that is no more than a join.
_A_MOMENT = 0.01


class Pair:
    """One project, served without the microscope and with it; a ratio for each round."""

    def __init__(self, name: str, room: Path) -> None:
        self._labels = [name, f"{name}, watched"]
        for label in self._labels:
            write_project(find_lesson("06"), room / label)
            if name == "fanout":
                lay_further(find_lesson("06"), name, room / label)
        self._name, self._room = name, room
        self._rounds: dict[str, list[dict[str, float]]] = {label: [] for label in self._labels}
        self._ratios: list[float] = []

    def measure(self, viewer: Viewer, clients: int, seconds: float) -> None:
        """Serve both, and carry the load to one after the other: each is as often first as last."""
        with Supervisor() as supervisor, ExitStack() as kept:
            carried = {}
            for label in self._labels if len(self._ratios) % 2 else self._labels[::-1]:
                prepared = [] if label == self._name else [viewer.collector.watched]
                project = chat.project(label, self._room / label, supervisor, *prepared)
                contestant = kept.enter_context(project)
                contestant.rounds = self._rounds[label]
                carried[label] = _carried(contestant, clients, seconds)
        plain, watched = (carried[label] for label in self._labels)
        self._ratios.append(watched / plain)

    def contestants(self) -> list[Any]:
        """Return both, with what was measured of them."""
        return [chat.Contestant(label, "", rounds=self._rounds[label]) for label in self._labels]

    def ratio(self) -> float:
        """Return the median: deliveries when watched over those when not."""
        return round(statistics.median(self._ratios), 3)

    def row(self) -> dict[str, Any]:
        """Return the ratio as a row of the document."""
        return {"name": f"{self._name}: watched over not", "value": self.ratio(), "unit": "×"}


def measure(
    clients: int = CLIENTS, seconds: float = SECONDS, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Return the document that `bench frames --json` prints. `ratio` is the fan-out's."""
    with tempfile.TemporaryDirectory(prefix="workshop-") as room, Viewer() as viewer:
        pairs = [Pair(name, Path(room)) for name in ("chat", "fanout")]
        for _round in range(rounds):
            for pair in pairs:
                pair.measure(viewer, clients, seconds)
    contestants = [contestant for pair in pairs for contestant in pair.contestants()]
    rows = [row for contestant in contestants for row in chat.rows(contestant)]
    rows += [pair.row() for pair in pairs]
    return {
        "version": 1,
        "name": "frames",
        "rows": rows,
        "ratio": pairs[-1].ratio(),
        "peer": f"the same server unwatched, {clients} clients in one room",
        "lost": sum(contestant.lost for contestant in contestants),
    }


def _carried(contestant: Any, clients: int, seconds: float) -> float:
    """Return deliveries for each second of the server's processor; where it is unknown, of the clock."""
    begun = _processor_time(contestant)
    joined = chat.carry_load(contestant, clients, _A_MOMENT)
    between = _processor_time(contestant)
    carried = chat.carry_load(contestant, clients, seconds)
    over = _processor_time(contestant)
    contestant.rounds.append(carried)
    if begun is None or between is None or over is None:
        return float(carried["deliveries"])
    more = clients * (carried["sent"] - joined["sent"])
    return more / ((over - between) - (between - begun))


def _processor_time(contestant: Any) -> float | None:
    """Return the seconds that a server's threads have worked so far, None where nobody knows."""
    try:
        threads = Path(f"/proc/{contestant.process.pid}/task").iterdir()
        # Nanoseconds on a processor come first.
        return sum(int((one / "schedstat").read_text("ascii").split()[0]) for one in threads) / 1e9
    except OSError:
        return None
