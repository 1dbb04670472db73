"""Load: how much of it servers carry, side by side; the way of measuring is that of `bench`.

The load comes from a process of its own (`bench/load/client.py`): clients in one group, two of whom
send their next message when their last one has come back to them.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .. import REPOSITORY
from ..errors import WorkshopError
from ..language import _, message
from ..processes.supervised import start_supervised, stop_supervised
from .drawing import SERIES, Drawing, canvas, finish

_LOAD = REPOSITORY / "bench" / "load"
_SENDERS = 2
#: A shape for each contestant, for those who do not tell the colours apart.
_MARKERS = "osD^v"


@dataclass(frozen=True)
class Contestant:
    """A server to measure: a WebSocket's address, and the headers that open it."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Carried:
    """What a server has carried with so many clients; `p99`, from send to delivery, is in ms."""

    clients: int
    deliveries_a_second: float
    p99: float
    lost: int


#: What came of each contestant, by its name.
Results = dict[str, list[Carried]]


class BareServer:
    """A `websockets` server that sends all clients whatever it gets, and does nothing else."""

    def __init__(self) -> None:
        command = [sys.executable, str(_LOAD / "broadcast.py")]
        self._process = start_supervised(command, output=subprocess.PIPE)
        assert self._process.stdout
        self.url = f"ws://127.0.0.1:{int(self._process.stdout.readline())}/"

    def stop(self) -> None:
        """End it. It ends with the kernel, too."""
        stop_supervised(self._process)
        assert self._process.stdout
        self._process.stdout.close()


async def carry_load(
    contestants: Mapping[str, Contestant], clients: Sequence[int], seconds: float
) -> Results:
    """Measure each contestant with each number of clients, talking for so many seconds.

    They come in turns, so that whatever else the machine does falls on all of them alike. Raises
    WorkshopError where a server does not let the clients in, or delivers nothing.
    """
    results: Results = {name: [] for name in contestants}
    for count in clients:
        for name, contestant in contestants.items():
            results[name].append(await asyncio.to_thread(_carry, contestant, count, seconds))
    return results


def _carry(contestant: Contestant, clients: int, seconds: float) -> Carried:
    command = [sys.executable, str(_LOAD / "client.py"), contestant.url]
    command += ["--clients", str(clients), "--senders", str(_SENDERS), "--seconds", str(seconds)]
    for name, value in contestant.headers.items():
        command += ["--header", f"{name}={value}"]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if run.returncode:
        raise WorkshopError(message("The load client has failed."), run.stderr[-1000:])
    came = json.loads(run.stdout)
    return Carried(clients, came["deliveries"], came["p99"], came["lost"])


def draw_load(results: Results) -> Drawing:
    """Draw deliveries a second and the 99th percentile of the delay over the number of clients."""
    figure, (upper, lower) = canvas(5.2, rows=2, sharex=True)
    for (name, carried), colour, marker in zip(results.items(), SERIES, _MARKERS, strict=False):
        clients = [one.clients for one in carried]
        style = {"color": colour, "marker": marker, "markersize": 5}
        upper.plot(clients, [one.deliveries_a_second for one in carried], label=name, **style)
        lower.plot(clients, [one.p99 for one in carried], **style)
    upper.set_ylim(bottom=0)
    lower.set_yscale("log")
    lower.yaxis.set_major_formatter(lambda value, _place: f"{value:g}")
    lower.set_xticks(clients)
    upper.set_ylabel(_("deliveries a second"))
    lower.set_ylabel(_("p99 of the delay, ms"))
    lower.set_xlabel(_("clients in one group"))
    figure.legend(loc="outside upper center", ncols=len(results))
    return finish(figure, "\n".join(_in_words(*one) for one in results.items()))


def _in_words(name: str, carried: Sequence[Carried]) -> str:
    return f"{name}: " + "; ".join(
        _(
            "{clients} clients, {deliveries:.0f} deliveries a second, p99 {p99:.0f} ms",
            clients=one.clients,
            deliveries=one.deliveries_a_second,
            p99=one.p99,
        )
        for one in carried
    )
