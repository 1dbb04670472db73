"""Judging on the workers of a Dask cluster: one that is there already, or one that is started here.

Dask carries everything between machines: orders go out and answers come back as JSON, by the
functions of `cluster_worker`. No worker is given anything before it has said what it judges by.
"""

import asyncio
import contextlib
import logging
import math
import queue
import tempfile
import time
import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import Any

import dask
import distributed
import msgspec
from distributed import Client, Future, KilledWorker, LocalCluster
from distributed.comm import connect
from distributed.security import Security
from distributed.versions import VersionMismatchWarning

from ..course.lesson import Lesson
from ..errors import WorkshopError
from ..invocation import command
from ..judging.workers import usual_number
from ..language import Message, message, verbatim
from ..processes.sandbox import Level
from . import cluster_worker
from .cluster_worker import Answer, Wanted, means_for
from .dask_workers import DaskWorkers
from .graded import Graded
from .marking import our_fault
from .order import Order

#: In place of an address: a cluster of so many workers is started here.
LOCAL = "local"
_LOCAL_WORKERS = 2

#: Seconds until nobody is taken to answer at an address; for which a lost scheduler is waited for.
_CONNECTING = 5.0
_RECONNECTING = 60.0
#: Seconds for which an end is waited for before another look at the workers.
_MOMENT = 1.0
#: Seconds within which a result that is there must have arrived.
_ARRIVING = 60.0
#: Seconds after which an order that no worker has, and no result either, is lost.
_UNSEEN = 30.0
#: So often an order is sent out, where it is lost.
_TRIES = 3
#: Orders that are sent out for each thread: one is judged, one waits.
_FOR_A_THREAD = 2


@dataclass(eq=False)
class _Errand:
    """An order on its way to a verdict. Sent out, it is a `future`, which only `workers` may take.

    `seen` is when one of them had it, by this machine's monotonic clock.
    """

    order: Order
    tries: int = 0
    future: Future[bytes] | None = None
    workers: set[str] = field(default_factory=set)
    seen: float = 0.0

    @property
    def is_suspect(self) -> bool:
        """Whether it has been lost before."""
        return self.tries > 1


class DaskCluster:
    """Judges submissions of `lessons` on the cluster at `address`, or on one that is started here.

    One that is started here judges `jobs` at a time. `tell` is given what a person should know
    meanwhile. Entering it raises WorkshopError where no cluster answers, and where a worker would
    judge by something else than this machine; one that comes later and would is given nothing.
    """

    def __init__(
        self,
        address: str,
        lessons: Mapping[str, Lesson],
        sandbox: Level,
        jobs: int | None = None,
        tell: Callable[[Message], None] = lambda what: None,
    ) -> None:
        self._address = address
        self._lessons = lessons
        self._sandbox = sandbox
        self._jobs = jobs
        self._tell = tell
        self._sent: dict[str, _Errand] = {}
        self._ended: queue.SimpleQueue[Future[bytes]] = queue.SimpleQueue()

    def __enter__(self) -> "DaskCluster":
        with contextlib.ExitStack() as opened:
            self._client = opened.enter_context(_client(self._address, self._jobs))
            wanted = Wanted(sorted(self._lessons), self._sandbox)
            ours = means_for(self._lessons.values())
            self._workers = DaskWorkers(self._client, wanted, ours, self._tell)
            self._workers.meet_the_first()
            opened.callback(self._leave)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._opened.close()

    def mark(self, orders: Sequence[Order]) -> Iterator[Graded]:
        """Yield what came of each order, as it comes."""
        fresh, suspects = deque(map(_Errand, orders)), deque[_Errand]()
        while fresh or suspects or self._sent:
            self._workers.look()
            self._take_back_what_nobody_has()
            if reason := self._workers.why_none():
                left = [*fresh, *suspects, *self._sent.values()]
                self._sent.clear()
                yield from (self._lost(errand, reason) for errand in left)
                return
            if self._client.status == "running":
                self._send_out(fresh, suspects)
            for errand in self._ended_by_now():
                answer = self._answer(errand)
                if answer is None:
                    suspects.append(errand)
                else:
                    yield answer

    def _send_out(self, fresh: deque[_Errand], suspects: deque[_Errand]) -> None:
        fit = self._workers.fit
        places = _FOR_A_THREAD * sum(fit.values())
        while fresh and len(self._sent) < places:
            self._send(fresh.popleft(), set(fit))
        # Whatever has been lost with its worker may be why: the others first, then each of these by
        # itself, so that it takes nobody with it.
        if not fresh and all(errand.is_suspect for errand in self._sent.values()):
            taken = {worker for errand in self._sent.values() for worker in errand.workers}
            for worker in fit.keys() - taken:
                if suspects:
                    self._send(suspects.popleft(), {worker})

    def _send(self, errand: _Errand, workers: set[str]) -> None:
        key = f"{errand.order.submission.lesson}-{uuid.uuid4().hex}"  # others see it: no names
        errand.tries += 1
        errand.workers = workers
        errand.seen = time.monotonic()
        errand.future = self._client.submit(
            cluster_worker.judge,
            msgspec.json.encode(errand.order),
            key=key,
            workers=list(workers),
        )
        self._sent[key] = errand
        errand.future.add_done_callback(self._ended.put)

    def _ended_by_now(self) -> list[_Errand]:
        """Return the errands that have come to an end; wait a moment for the first."""
        ended = []
        with contextlib.suppress(queue.Empty):
            future = self._ended.get(timeout=_MOMENT)
            while True:
                if errand := self._sent.pop(str(future.key), None):
                    ended.append(errand)
                future = self._ended.get_nowait()
        return ended

    def _answer(self, errand: _Errand) -> Graded | None:
        """Return what came of an order; None where it has to be sent out again."""
        assert errand.future is not None
        try:
            content = errand.future.result(timeout=_ARRIVING)
            answer = msgspec.json.decode(content, type=Answer)
        except (KilledWorker, CancelledError, TimeoutError):  # lost: workers, or the scheduler
            self._cancel([errand])
            graded = None
        except Exception as error:  # whatever Dask may raise
            return self._lost(errand, verbatim(f"{type(error).__name__}: {error}"))
        else:
            if answer.failed:
                return self._lost(errand, verbatim(answer.failed))
            graded = answer.graded
            if graded is None:  # where a worker was, there is another now
                self._workers.meet_all_again()
        if graded is None and errand.tries >= _TRIES:
            return self._lost(
                errand,
                message(
                    "Its workers were lost, {count} times: see what Dask's own log says of them.",
                    count=errand.tries,
                ),
            )
        return graded

    def _take_back_what_nobody_has(self) -> None:
        # Dask waits for just the workers that were named, and they may have gone.
        now, lost = time.monotonic(), []
        for key, errand in self._sent.items():
            if key in self._workers.at_work_on:
                errand.seen = now
            if self._workers.have_gone(errand.workers) or now > errand.seen + _UNSEEN:
                lost.append(errand)
        self._cancel(lost)

    def _lost(self, errand: _Errand, reason: Message) -> Graded:
        return our_fault(errand.order, self._lessons[errand.order.submission.lesson], reason)

    def _cancel(self, errands: Sequence[_Errand]) -> None:
        if errands and self._client.status == "running":
            with contextlib.suppress(OSError, CancelledError):
                self._client.cancel([errand.future for errand in errands])

    def _leave(self) -> None:
        """Take back what has not begun; what is being judged comes to its end by itself."""
        self._cancel(list(self._sent.values()))
        self._sent.clear()
        if self._client.status == "running":
            with contextlib.suppress(OSError, CancelledError):
                fit = list(self._workers.fit)
                self._client.run(cluster_worker.rest, workers=fit, on_error="ignore")


@contextlib.contextmanager
def _client(address: str, jobs: int | None) -> Iterator[Client]:
    """Give a client of the cluster at `address`. Raises WorkshopError where there is none to be had."""
    _be_quiet()
    # What a class hands in may be large; a cluster's own pages show nothing of use.
    settings = {"distributed.admin.large-graph-warning-threshold": "1 GB"}
    with contextlib.ExitStack() as opened:
        opened.enter_context(dask.config.set(settings))
        try:
            if address == LOCAL:
                client = Client(opened.enter_context(_local_cluster(jobs)), set_as_default=False)
            else:
                asyncio.run(_reach(address))
                client = Client(address, timeout=_RECONNECTING, set_as_default=False)
            opened.enter_context(client)
            versions: Any = client.get_versions()
            theirs = versions["scheduler"]["packages"]["distributed"]
        except Exception as error:  # of addresses, networks, keys: Dask's own words name the cause
            why = str(error) or type(error).__name__
            raise WorkshopError(
                message("No Dask cluster answers at {address}. {why}", address=address, why=why),
                message(
                    "The address is what `dask scheduler` prints, such as tcp://10.0.0.5:8786;"
                    " {local} starts a cluster here.",
                    local="--cluster local",
                ),
            ) from None
        if theirs != distributed.__version__:
            raise WorkshopError(
                message(
                    "The scheduler at {address} has {package} {theirs}, and this machine {ours}.",
                    address=address,
                    package="distributed",
                    theirs=theirs,
                    ours=distributed.__version__,
                ),
                message(
                    "Start it from the commit that is here, with its packages: {command}",
                    command=command("--with cluster list"),
                ),
            )
        yield client


async def _reach(address: str) -> None:
    """Raise an error where no scheduler answers: a client would wait for ever for some of them."""
    keys = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=_CONNECTING, **keys), _CONNECTING + 1)
    await comm.close()


@contextlib.contextmanager
def _local_cluster(jobs: int | None) -> Iterator[LocalCluster]:
    """Give a cluster on this machine that judges `jobs` at a time. Nobody else has its keys."""
    jobs = jobs or usual_number()
    workers = min(_LOCAL_WORKERS, jobs)
    # What a worker leaves that is killed goes with the folder.
    with (
        tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True) as folder,
        dask.config.set(
            {
                "temporary-directory": folder,
                "distributed.scheduler.http.routes": [],
                "distributed.worker.http.routes": [],
            }
        ),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=math.ceil(jobs / workers),
            processes=True,
            host="127.0.0.1",
            security=Security.temporary(),
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            silence_logs=logging.CRITICAL,
            env=dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder),
        ) as cluster,
    ):
        yield cluster


def _be_quiet() -> None:
    """Leave it to us what a person is told."""
    for name in ("distributed", "distributed.client", "distributed.gc"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", category=VersionMismatchWarning)
